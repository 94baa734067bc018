package net.sniproxy.e2e.harness;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A line of the access log: what the proxy says of one connection.
 *
 * @param client {@code host:port}
 * @param name server name
 * @param route pattern of the route
 * @param upstream the address it was connected to
 * @param path data path
 * @param pathReason why not a faster one
 * @param bytesUp client to upstream
 * @param bytesDown upstream to client
 * @param time when it ended, to the millisecond
 * @param end how it ended
 * @param text the whole line
 */
public record AccessLine(
        String client,
        Optional<String> name,
        Optional<String> route,
        Optional<String> upstream,
        Optional<String> path,
        Optional<String> pathReason,
        long bytesUp,
        long bytesDown,
        Instant time,
        String end,
        String text) {

    static AccessLine parse(String line) {
        JsonNode json = JsonMapper.shared().readTree(line);
        return new AccessLine(
                json.required("client").asString(),
                text(json, "name"),
                text(json, "route"),
                text(json, "upstream"),
                text(json, "path"),
                text(json, "path_reason"),
                json.required("bytes_up").asLong(),
                json.required("bytes_down").asLong(),
                Instant.parse(json.required("time").asString()),
                json.required("end").asString(),
                line);
    }

    private static Optional<String> text(JsonNode json, String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asString);
    }

    /** Whether this is the client, in whichever of its spellings an IPv6 address is written. */
    public boolean isOf(InetSocketAddress address) {
        int colon = client.lastIndexOf(':');
        String host = client.substring(0, colon).replace("[", "").replace("]", "");
        return Integer.parseInt(client.substring(colon + 1)) == address.getPort()
                && InetAddress.ofLiteral(host).equals(address.getAddress());
    }
}
