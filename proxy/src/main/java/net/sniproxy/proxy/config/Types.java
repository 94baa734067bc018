package net.sniproxy.proxy.config;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import net.sniproxy.proxy.config.EbpfConfig.Enabled;
import net.sniproxy.proxy.filter.Cidr;

/** The kinds of values that keys have. */
final class Types {
    private static final String STRING = "{\"type\":\"string\"}";
    private static final String NON_EMPTY = "{\"type\":\"string\",\"minLength\":1}";

    static final Type<String> TEXT = Type.ofText("text", STRING, text -> text);
    /** User name or password for RFC 1929. */
    static final Type<String> CREDENTIAL = Type.ofText("text of 1 to 255 bytes", NON_EMPTY, Types::credential);

    static final Type<Path> PATH = Type.ofText("a path", NON_EMPTY, Types::path);
    static final Type<Cidr> CIDR = Type.ofText(
            "an IP address or a block such as 10.0.0.0/8 or 2001:db8::/32",
            NON_EMPTY,
            text -> Cidr.parse(text.strip()));
    static final Type<NamePattern> PATTERN = Type.ofText("a name, *.name, /regex/ or *", NON_EMPTY, NamePattern::parse);
    static final Type<NamePattern> LISTED_NAME = Type.ofText("a name, *.name or *", NON_EMPTY, Types::listedName);
    static final Type<Target> TARGET =
            Type.ofText("host:port, [v6]:port, *:port or unix:/path", NON_EMPTY, TargetSyntax::parse);
    static final Type<Fallback> FALLBACK =
            Type.ofText("reject, host:port, [v6]:port, *:port or unix:/path", NON_EMPTY, Types::fallback);
    static final Type<Target.HostPort> HOST_PORT =
            Type.ofText("host:port or [v6]:port", NON_EMPTY, TargetSyntax::hostPort);
    static final Type<InetSocketAddress> ADDRESS = Type.ofText(
            "an IP address and a port such as 0.0.0.0:443 or [::]:443", NON_EMPTY, text -> address(text, 0));
    static final Type<InetSocketAddress> DNS_SERVER = Type.ofText(
            "a name server such as udp://192.0.2.53 or udp://[2001:db8::53]:53", NON_EMPTY, Types::dnsServer);
    static final Type<String> PROTOCOL =
            Type.ofText("an ALPN protocol such as h2, 1 to 255 characters", NON_EMPTY, Types::protocol);
    static final Type<String> INTERFACE =
            Type.ofText("the name of a network interface, 1 to 15 characters", NON_EMPTY, Types::networkInterface);

    static final Type<String> USER =
            Type.ofText("the name of a user of this machine, or UID:GID in numbers", NON_EMPTY, Types::user);

    static final Type<Boolean> BOOLEAN = new Type<>(
            "true or false",
            "{\"type\":\"boolean\"}",
            node -> {
                require(node.isBoolean());
                return node.booleanValue();
            },
            Types::bool);

    static final Type<Enabled> ENABLED = new Type<>(
            "true, false or \"auto\"",
            "{\"enum\":[true,false,\"auto\"]}",
            node -> {
                require(node.isBoolean()
                        || node.isString() && node.stringValue().equals("auto"));
                return enabled(node.isBoolean() ? String.valueOf(node.booleanValue()) : "auto");
            },
            Types::enabled);

    private Types() {}

    private static String user(String text) {
        require(text.matches("[A-Za-z_][A-Za-z0-9_.-]{0,30}[$]?|[1-9][0-9]{0,8}:[0-9]{1,9}"));
        return text;
    }

    /** A number without fraction. */
    static Type<Integer> integer(int min, int max) {
        return new Type<>(
                "a number from " + min + " to " + max,
                "{\"type\":\"integer\",\"minimum\":%d,\"maximum\":%d}".formatted(min, max),
                node -> {
                    require(node.isIntegralNumber() && node.canConvertToInt());
                    return within(node.intValue(), min, max);
                },
                text -> within(parseInt(text), min, max));
    }

    /** Bytes: a number, or one with K, M or G for powers of 1024. */
    static Type<Integer> size(int min, int max) {
        return new Type<>(
                "a size from " + min + " to " + max + " bytes, such as 65536 or 64K",
                "{\"type\":[\"integer\",\"string\"],\"minimum\":%d,\"maximum\":%d,\"pattern\":\"%s\"}"
                        .formatted(min, max, Quantities.SIZE_PATTERN),
                node -> {
                    require(node.isString() || node.isIntegralNumber() && node.canConvertToInt());
                    return node.isString()
                            ? within(Quantities.size(node.stringValue()), min, max)
                            : within(node.intValue(), min, max);
                },
                text -> within(Quantities.size(text), min, max));
    }

    /** A time span; the bounds are written as in a configuration. */
    static Type<Duration> duration(String min, String max) {
        Duration least = Quantities.duration(min);
        Duration most = Quantities.duration(max);
        return Type.ofText(
                "a duration from " + min + " to " + max + ", such as 10s or 500ms",
                "{\"type\":\"string\",\"pattern\":\"" + Quantities.DURATION_PATTERN + "\"}",
                text -> {
                    Duration duration = Quantities.duration(text);
                    require(duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0);
                    return duration;
                });
    }

    /** One of the constants of an enum, in lower case. */
    static <E extends Enum<E>> Type<E> choice(Class<E> constants) {
        String names =
                Arrays.stream(constants.getEnumConstants()).map(Types::lower).collect(Collectors.joining(", "));
        return Type.ofText(
                "one of " + names,
                "{\"enum\":[\"" + names.replace(", ", "\",\"") + "\"]}",
                text -> Arrays.stream(constants.getEnumConstants())
                        .filter(constant -> lower(constant).equals(text))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static NamePattern listedName(String text) {
        if (text.startsWith("/")) {
            throw new IllegalArgumentException("expressions belong into routes");
        }
        return NamePattern.parse(text);
    }

    private static Fallback fallback(String text) {
        return text.equals("reject") ? new Fallback.Reject() : new Fallback.To(TargetSyntax.parse(text));
    }

    private static InetSocketAddress address(String text, int minPort) {
        int colon = TargetSyntax.portColon(text);
        return new InetSocketAddress(
                Cidr.address(TargetSyntax.host(text, colon)), TargetSyntax.port(text.substring(colon + 1), minPort));
    }

    private static InetSocketAddress dnsServer(String text) {
        String server = text.startsWith("udp://") ? text.substring(6) : text;
        if (server.contains("://")) {
            throw new IllegalArgumentException("only udp:// is supported");
        }
        boolean withPort = server.startsWith("[")
                ? !server.endsWith("]")
                : server.indexOf(':') == server.lastIndexOf(':') && server.indexOf(':') >= 0;
        if (withPort) {
            return address(server, 1);
        }
        boolean brackets = server.startsWith("[");
        return new InetSocketAddress(Cidr.address(brackets ? server.substring(1, server.length() - 1) : server), 53);
    }

    private static String credential(String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        require(length >= 1 && length <= 255);
        return text;
    }

    private static String protocol(String text) {
        require(!text.isEmpty() && text.length() <= 255 && text.chars().allMatch(c -> c > 0x20 && c < 0x7f));
        return text;
    }

    private static String networkInterface(String text) {
        require(!text.isEmpty()
                && text.getBytes(StandardCharsets.UTF_8).length <= 15
                && text.chars().noneMatch(c -> c == '/' || c == ':' || Character.isWhitespace(c)));
        return text;
    }

    private static Path path(String text) {
        require(!text.isEmpty());
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e.getReason(), e);
        }
    }

    private static boolean bool(String text) {
        require(text.equals("true") || text.equals("false"));
        return text.equals("true");
    }

    private static Enabled enabled(String text) {
        return switch (text) {
            case "true" -> Enabled.TRUE;
            case "false" -> Enabled.FALSE;
            case "auto" -> Enabled.AUTO;
            default -> throw new IllegalArgumentException();
        };
    }

    private static int parseInt(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("", e);
        }
    }

    private static int within(long value, int min, int max) {
        require(value >= min && value <= max);
        return (int) value;
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException();
        }
    }
}
