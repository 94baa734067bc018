package net.sniproxy.proxy.stats;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The persistence file of the IP traffic tracking:
 * <pre>{"format": 1, "ips": [{"ip": "192.0.2.1", "connections": 3, "bytes_up": 1551, "bytes_down": 90210,
 *   "first_seen": "2026-01-31T12:00:00Z", "last_seen": "2026-01-31T12:05:00Z"}]}</pre>
 * least recently seen first.
 */
final class IpTrafficJson {
    private static final int FORMAT = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private IpTrafficJson() {}

    static String write(List<IpTraffic> traffic) {
        ObjectNode file = JSON.createObjectNode();
        file.put("format", FORMAT);
        ArrayNode ips = file.putArray("ips");
        for (IpTraffic ip : traffic) {
            ips.addObject()
                    .put("ip", ip.ip())
                    .put("connections", ip.connections())
                    .put("bytes_up", ip.bytesUp())
                    .put("bytes_down", ip.bytesDown())
                    .put("first_seen", ip.firstSeen().toString())
                    .put("last_seen", ip.lastSeen().toString());
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(file) + "\n";
    }

    /** Throws where the text is not what {@link #write} makes. */
    static List<IpTraffic> parse(String text) throws IOException {
        try {
            JsonNode file = JSON.readTree(text);
            if (file.path("format").asInt(0) != FORMAT) {
                throw new IOException("not an IP traffic file of format " + FORMAT);
            }
            List<IpTraffic> traffic = new ArrayList<>();
            for (JsonNode ip : file.required("ips")) {
                traffic.add(parse(ip));
            }
            return traffic;
        } catch (JacksonException e) {
            throw new IOException("not an IP traffic file: " + e.getOriginalMessage(), e);
        } catch (DateTimeException e) {
            throw new IOException("not an IP traffic file: " + e, e);
        }
    }

    private static IpTraffic parse(JsonNode ip) {
        return new IpTraffic(
                ip.required("ip").stringValue(),
                ip.required("connections").longValue(),
                ip.required("bytes_up").longValue(),
                ip.required("bytes_down").longValue(),
                Instant.parse(ip.required("first_seen").stringValue()),
                Instant.parse(ip.required("last_seen").stringValue()));
    }
}
