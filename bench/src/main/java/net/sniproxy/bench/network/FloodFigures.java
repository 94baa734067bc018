package net.sniproxy.bench.network;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What a client saw in one round of {@link SynFlood}.
 *
 * @param rate SYNs a second, really sent
 * @param dropped share of them that the filter dropped, 0 to 1
 * @param trip a round trip, microseconds, median
 * @param tripRare the same, 99th percentile
 * @param visit a new connection up to the greeting, microseconds, median
 * @param visitRare the same, 99th percentile
 * @param done round trips and connections that were tried
 * @param lost those of them that the client waited for in vain
 */
record FloodFigures(
        double rate,
        double dropped,
        double trip,
        double tripRare,
        double visit,
        double visitRare,
        double done,
        double lost) {
    static final String HEADER = """
            | | SYNs/s | of them dropped | round trip p50 | round trip p99 | new connection p50 | new connection p99 | tried | lost |
            |---|---|---|---|---|---|---|---|---|
            """;

    private static final double NANOS_PER_MICRO = 1e3;

    /** The answers of {@link PatientClient}. */
    static FloodFigures of(long[] exchanges, long[] visits) {
        return new FloodFigures(
                0,
                0,
                exchanges[0] / NANOS_PER_MICRO,
                exchanges[1] / NANOS_PER_MICRO,
                visits[0] / NANOS_PER_MICRO,
                visits[1] / NANOS_PER_MICRO,
                exchanges[2] + visits[2],
                exchanges[3] + visits[3]);
    }

    /** The same, seen during a flood. */
    FloodFigures under(double floodRate, double share) {
        return new FloodFigures(floodRate, share, trip, tripRare, visit, visitRare, done, lost);
    }

    /** A row of the table: medians over rounds, of the rare ones with least and greatest; what was lost is added up. */
    static String line(String name, List<FloodFigures> rounds) {
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.0f %% | %,.1f | %s | %,.0f | %s | %,.0f | %,.0f |",
                name,
                median(rounds, FloodFigures::rate),
                100 * median(rounds, FloodFigures::dropped),
                median(rounds, FloodFigures::trip),
                spread(rounds, "%,.1f", FloodFigures::tripRare),
                median(rounds, FloodFigures::visit),
                spread(rounds, "%,.0f", FloodFigures::visitRare),
                rounds.stream().mapToDouble(FloodFigures::done).sum(),
                rounds.stream().mapToDouble(FloodFigures::lost).sum());
    }

    private static double median(List<FloodFigures> rounds, ToDoubleFunction<FloodFigures> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String spread(List<FloodFigures> rounds, String format, ToDoubleFunction<FloodFigures> figure) {
        var all = rounds.stream().mapToDouble(figure).summaryStatistics();
        return String.format(
                Locale.ROOT,
                format + " (" + format + "–" + format + ")",
                median(rounds, figure),
                all.getMin(),
                all.getMax());
    }
}
