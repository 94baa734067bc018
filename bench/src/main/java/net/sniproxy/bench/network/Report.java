package net.sniproxy.bench.network;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import net.sniproxy.bench.report.BarChart;
import net.sniproxy.bench.report.BarChart.Bar;

/** The figures as a table with what they mean, and as a chart. */
record Report(Map<Contender, Figures> results) {
    private static final String HEAD = """
            # Connections that cross a network

            Written by `scripts/bench-network.sh`. Clients, the proxy and the back end are in a network namespace each and
            share one core with their cables, in one run; best of the rounds. *Round trip*: µs, median / 99th percentile.
            *Core*: seconds in which the core was busy for each GB to the client, ends and interrupts included. *New
            connections*: hello, greeting, reset; 64 at a time, none logged; *first*: in the first second and a half after the start.
            All others after the same warm-up for each. Compare the ratios, not the numbers.

            ![Round trips and bulk as bars](network.svg)

            | | round trip 100 B | round trip 16 KB | Gbit/s down | Gbit/s up | core s/GB | new connections/s | first |
            |---|---|---|---|---|---|---|---|
            """;

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
                "| %s | %.1f / %.1f | %.1f / %.1f | %.1f | %.1f | %.3f | %,.0f | %,.0f |%n",
                contender.name(),
                f.smallMedian(),
                f.smallRare(),
                f.largeMedian(),
                f.largeRare(),
                f.down(),
                f.up(),
                f.coreSeconds(),
                f.connections(),
                f.firstConnections())));
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
        return new BarChart()
                .group("Round trip of 100 bytes, µs (median): less is better", bars(Figures::smallMedian))
                .group("Bulk to the client, Gbit/s: more is better", bars(Figures::down))
                .svg();
    }

    private List<Bar> bars(ToDoubleFunction<Figures> value) {
        return results.entrySet().stream()
                .map(result -> new Bar(
                        result.getKey().name(),
                        value.applyAsDouble(result.getValue()),
                        result.getKey().name().equals(Contender.SPLICE)))
                .toList();
    }
}
