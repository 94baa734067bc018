package net.sniproxy.proxy.stats;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.logging.Escape;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A line of the access log: fields in the order in which they are written. A field that the connection did not get as far
 * as is left out.
 */
final class AccessRecord {
    private static final String BARE_PUNCTUATION = "._:/*+@,[]-";
    private static final int USUAL_LENGTH = 400;

    // Non-ASCII is escaped too: a line must not be reordered on a terminal by what a client sent.
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build())
            .build();

    private final List<Field> fields;

    /** A value is text, a whole number or a list of texts. */
    private sealed interface Value {
        record Text(String text) implements Value {}

        record Number(long number) implements Value {}

        record Texts(List<String> texts) implements Value {}
    }

    private record Field(String name, Value value) {}

    private AccessRecord(List<Field> fields) {
        this.fields = fields;
    }

    static AccessRecord of(Closed closed) {
        Instant end = closed.connection().acceptedAt().plus(closed.duration()).truncatedTo(ChronoUnit.MILLIS);
        List<Field> fields = new ArrayList<>(16);
        fields.add(text("time", end.toString()));
        fields.add(text("client", address(closed.client())));
        fields.add(text("listener", address(closed.connection().listener())));
        addIfPresent(fields, "name", closed.name());
        if (!closed.alpn().isEmpty()) {
            fields.add(new Field("alpn", new Value.Texts(closed.alpn())));
        }
        addIfPresent(fields, "route", closed.route());
        addIfPresent(fields, "target", closed.target());
        addIfPresent(fields, "upstream", closed.upstream().map(AccessRecord::address));
        addIfPresent(fields, "path", closed.path().map(DataPathKind::label));
        addIfPresent(fields, "path_reason", Optional.of(closed.pathReason()).filter(reason -> !reason.isEmpty()));
        fields.add(new Field("bytes_up", new Value.Number(closed.bytesUp())));
        fields.add(new Field("bytes_down", new Value.Number(closed.bytesDown())));
        fields.add(new Field("ms", new Value.Number(closed.duration().toMillis())));
        fields.add(text("end", closed.ending().label()));
        addIfPresent(fields, "detail", Optional.of(closed.detail()).filter(detail -> !detail.isEmpty()));
        return new AccessRecord(fields);
    }

    /** {@code name=value} pairs, separated by spaces; lists are joined by commas. */
    String text() {
        StringBuilder line = new StringBuilder(USUAL_LENGTH);
        for (Field field : fields) {
            line.append(line.isEmpty() ? "" : " ").append(field.name()).append('=');
            switch (field.value()) {
                case Value.Text(String text) -> line.append(quotedIfNeeded(text));
                case Value.Number(long number) -> line.append(number);
                case Value.Texts(List<String> texts) -> line.append(quotedIfNeeded(String.join(",", texts)));
            }
        }
        return line.toString();
    }

    /** One JSON object; lists are arrays, counts are numbers. */
    String json() {
        ObjectNode object = JSON.createObjectNode();
        for (Field field : fields) {
            switch (field.value()) {
                case Value.Text(String text) -> object.put(field.name(), text);
                case Value.Number(long number) -> object.put(field.name(), number);
                case Value.Texts(List<String> texts) -> texts.forEach(object.putArray(field.name())::add);
            }
        }
        return JSON.writeValueAsString(object);
    }

    private static String quotedIfNeeded(String text) {
        if (isBare(text)) {
            return text;
        }
        return '"' + Escape.controls(text.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
    }

    /** Whether nothing in it could be taken for anything else: letters, digits and {@value #BARE_PUNCTUATION}. */
    private static boolean isBare(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!alphanumeric && BARE_PUNCTUATION.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static Field text(String name, String value) {
        return new Field(name, new Value.Text(value));
    }

    private static void addIfPresent(List<Field> fields, String name, Optional<String> value) {
        value.ifPresent(present -> fields.add(text(name, present)));
    }

    /** {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}, or the path of a unix socket. */
    static String address(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        if (inet.isUnresolved()) {
            return inet.getHostString() + ":" + inet.getPort();
        }
        return NetUtil.toSocketAddressString(inet);
    }
}
