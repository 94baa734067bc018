package net.sniproxy.bench.network;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures as a table with what they mean, and as a chart. */
record Report(Map<Contender, Figures> results) {
    private static final String HEAD = """
            # Connections that cross a network

            Written by `scripts/bench-network.sh`. Clients, the proxy and the back end are in a network namespace each and
            share one core with their cables, in one run; best of the rounds. *Round trip*: µs, median / 99th percentile.
            *Core*: seconds in which the core was busy for each GB to the client, ends and interrupts included. *New
            connections*: hello, greeting, reset; 64 at a time. Compare the ratios, not the numbers.

            ![Round trips and bulk as bars](network.svg)

            | | round trip 100 B | round trip 16 KB | Gbit/s down | Gbit/s up | core s/GB | new connections/s |
            |---|---|---|---|---|---|---|
            """;
    private static final int BAR_HEIGHT = 22;
    private static final int BAR_LENGTH = 420;
    private static final int LEFT = 190;

    private Figures of(String name) {
        return results.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    /** Proxies that are not ours. */
    private List<Figures> peers() {
        return results.entrySet().stream()
                .filter(entry -> !entry.getKey().command().isEmpty())
                .filter(entry -> !entry.getKey().name().startsWith("SNI-Proxy"))
                .map(Map.Entry::getValue)
                .toList();
    }

    private double least(ToDoubleFunction<Figures> value) {
        return peers().stream().mapToDouble(value).min().orElseThrow();
    }

    private double most(ToDoubleFunction<Figures> value) {
        return peers().stream().mapToDouble(value).max().orElseThrow();
    }

    String markdown() {
        StringBuilder text = new StringBuilder(HEAD);
        results.forEach((contender, f) -> text.append(String.format(
                Locale.ROOT,
                "| %s | %.1f / %.1f | %.1f / %.1f | %.1f | %.1f | %.3f | %,.0f |%n",
                contender.name(),
                f.smallMedian(),
                f.smallRare(),
                f.largeMedian(),
                f.largeRare(),
                f.down(),
                f.up(),
                f.coreSeconds(),
                f.connections())));
        return text.append(conclusions()).toString();
    }

    private String conclusions() {
        Figures splice = of(Contender.SPLICE);
        Figures direct = of(Contender.DIRECT);
        Figures cable = of(Contender.CABLE);
        return String.format(
                Locale.ROOT,
                """

                - The proxy's share of a round trip of 100 B (through − direct): %.2f µs; best other proxy %.2f µs.
                - Its share of a round trip of 16 KB: %.2f µs; best other proxy %.2f µs.
                - Bulk to the client: %.2f times the best other proxy, %.2f times direct.
                - Core seconds per GB beyond what the two ends take (through − one cable): %.3f; direct routing %.3f; best
                  other proxy %.3f.
                """,
                splice.smallMedian() - direct.smallMedian(),
                least(Figures::smallMedian) - direct.smallMedian(),
                splice.largeMedian() - direct.largeMedian(),
                least(Figures::largeMedian) - direct.largeMedian(),
                splice.down() / most(Figures::down),
                splice.down() / direct.down(),
                splice.coreSeconds() - cable.coreSeconds(),
                direct.coreSeconds() - cable.coreSeconds(),
                least(Figures::coreSeconds) - cable.coreSeconds());
    }

    /** An SVG of bars: round trips of 100 bytes, and bulk. */
    String chart() {
        int height = BAR_HEIGHT * (2 * results.size() + 4);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"13\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                LEFT + BAR_LENGTH + 80,
                height));
        int below = bars(svg, 1, "Round trip of 100 bytes, µs (median): less is better", Figures::smallMedian);
        bars(svg, below + 1, "Bulk to the client, Gbit/s: more is better", Figures::down);
        return svg.append("</svg>\n").toString();
    }

    private int bars(StringBuilder svg, int line, String title, ToDoubleFunction<Figures> value) {
        double longest = results.values().stream()
                .map(value::applyAsDouble)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        svg.append(String.format(
                Locale.ROOT, "<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s</text>%n", line * BAR_HEIGHT, title));
        int at = line;
        for (Map.Entry<Contender, Figures> result : results.entrySet()) {
            at++;
            double amount = value.applyAsDouble(result.getValue());
            int length = (int) (amount / longest * BAR_LENGTH);
            boolean own = result.getKey().name().equals(Contender.SPLICE);
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"10\" y=\"%1$d\">%2$s</text><rect x=\"%3$d\" y=\"%4$d\" width=\"%5$d\" height=\"14\""
                            + " fill=\"%6$s\"/><text x=\"%7$d\" y=\"%1$d\">%8$.1f</text>%n",
                    at * BAR_HEIGHT,
                    result.getKey().name(),
                    LEFT,
                    at * BAR_HEIGHT - 12,
                    length,
                    own ? "#1a7f37" : "#8c959f",
                    LEFT + length + 6,
                    amount));
        }
        return at + 1;
    }
}
