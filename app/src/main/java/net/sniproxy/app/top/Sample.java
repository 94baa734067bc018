package net.sniproxy.app.top;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The answer of a proxy to the request {@code top}, with rates since an earlier one. Immutable after it is made. */
public final class Sample {
    /** The lists of the answer, and the member that tells their rows apart. */
    private static final Map<String, String> LISTS =
            Map.of("paths", "path", "names", "name", "clients", "client", "routes", "route", "live", "id");

    /**
     * Rows of each list that are to be asked for: the proxy gives those with the most bytes, and rates can be ranked only among
     * what it gives.
     */
    public static final int ROWS = 10_000;

    private static final List<String> BYTES = List.of("bytes_up", "bytes_down");
    private static final double NANOS = 1e9;

    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    private final ObjectNode answer;

    private Sample(ObjectNode answer) {
        this.answer = answer;
    }

    /**
     * Puts rates into an answer: {@code up_per_second} and {@code down_per_second} into each row of each list, and likewise what
     * the proxy does in all under {@code rates}. What was not there before began at zero, unless it only had too few bytes to be among
     * {@link #ROWS}: then its rate is not known, and 0.
     */
    public static Sample of(JsonNode now, JsonNode before) {
        ObjectNode answer = (ObjectNode) now.deepCopy();
        double seconds = (now.path("nanos").asLong() - before.path("nanos").asLong()) / NANOS;
        LISTS.forEach((list, key) -> {
            Map<String, JsonNode> rowsBefore = new HashMap<>();
            before.path(list).forEach(row -> rowsBefore.put(row.path(key).asString(""), row));
            boolean all = rowsBefore.size() < ROWS;
            for (JsonNode row : answer.path(list)) {
                JsonNode then = rowsBefore.getOrDefault(row.path(key).asString(""), all ? NOTHING : row);
                putRates((ObjectNode) row, then, seconds);
            }
        });
        answer.remove("nanos");
        answer.put("seconds", seconds);
        ObjectNode rates = answer.putObject("rates");
        rates.put("connections_per_second", rate(now, before, seconds, "connections", "accepted"));
        double up = 0;
        double down = 0;
        for (JsonNode path : answer.path("paths")) {
            up += path.path("up_per_second").asDouble();
            down += path.path("down_per_second").asDouble();
        }
        rates.put("up_per_second", up).put("down_per_second", down);
        ObjectNode drops = rates.putObject("drops_per_second");
        now.path("drops")
                .properties()
                .forEach(drop -> drops.put(drop.getKey(), rate(now, before, seconds, "drops", drop.getKey())));
        return new Sample(answer);
    }

    private static void putRates(ObjectNode row, JsonNode before, double seconds) {
        for (String bytes : BYTES) {
            long then = before.path(bytes).asLong();
            double moved = Math.max(0, row.path(bytes).asLong() - then);
            row.put(bytes.replace("bytes_", "") + "_per_second", moved / seconds);
        }
    }

    private static double rate(JsonNode now, JsonNode before, double seconds, String object, String member) {
        long from = before.path(object).path(member).asLong();
        return (now.path(object).path(member).asLong() - from) / seconds;
    }

    /** The same with each list but that of the paths in an order, and not longer than {@code most}. */
    public Sample first(View.Sort sort, int most) {
        ObjectNode ordered = answer.deepCopy();
        LISTS.keySet().stream().filter(list -> !list.equals("paths")).forEach(list -> {
            ArrayNode rows = ordered.putArray(list);
            answer.path(list)
                    .valueStream()
                    .sorted(sort.largestFirst())
                    .limit(most)
                    .forEach(rows::add);
        });
        return new Sample(ordered);
    }

    /** The answer with the rates in it. */
    public JsonNode json() {
        return answer;
    }
}
