package net.sniproxy.proxy.admin;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.proxy.filter.Cidr;
import tools.jackson.databind.JsonNode;

/** Reads the arguments of requests; a wrong one is an {@link IllegalArgumentException} that names it. */
final class Arguments {
    private static final long LONGEST_SECONDS = 366L * 24 * 60 * 60;

    private Arguments() {}

    static List<Cidr> blocks(JsonNode arguments) {
        JsonNode list = arguments.path("sources");
        if (!list.isArray() || list.isEmpty()) {
            throw new IllegalArgumentException("sources: wanted a list of addresses or blocks such as 10.0.0.0/8");
        }
        List<Cidr> blocks = new ArrayList<>(list.size());
        for (JsonNode one : list) {
            blocks.add(Cidr.parse(one.asString("")));
        }
        return blocks;
    }

    static Optional<Duration> seconds(JsonNode arguments, String name) {
        JsonNode value = arguments.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LONGEST_SECONDS) {
            throw new IllegalArgumentException(name + ": wanted seconds, 1 to " + LONGEST_SECONDS);
        }
        return Optional.of(Duration.ofSeconds(value.asLong()));
    }

    /** A number from 0 to {@code most}. */
    static OptionalInt integer(JsonNode arguments, String name, int most) {
        JsonNode value = arguments.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber() || value.asLong() < 0 || value.asLong() > most) {
            throw new IllegalArgumentException(name + ": wanted a number, 0 to " + most);
        }
        return OptionalInt.of(value.asInt());
    }

    static InetAddress address(JsonNode arguments, String name) {
        return Cidr.address(arguments.path(name).asString(""));
    }

    static Optional<String> text(JsonNode arguments, String name) {
        return Optional.of(arguments.path(name).asString("")).filter(text -> !text.isEmpty());
    }
}
