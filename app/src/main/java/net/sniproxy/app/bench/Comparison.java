package net.sniproxy.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All ways, one after the other, told as they end. */
public final class Comparison {
    private static final List<String> LEGEND = List.of(
            "Round trips of 100 bytes, median and 99th percentile: less is better. Bulk to the client and new connections, one"
                    + " client: more is better.",
            "relay: the proxy copies. sockmap: the kernel, from socket to socket. splice: the kernel, packet by packet.",
            "");

    private static final String HEAD = "%-44s %10s %10s %10s %14s";
    private static final String ROW = "  %-42s %10s %10s %10s %14s";

    private final Duration each;
    private final Consumer<String> out;
    private String section = "";

    private Comparison(Duration each, Consumer<String> out) {
        this.each = each;
        this.out = out;
    }

    /**
     * Runs all.
     *
     * @param each how long each figure is measured
     * @param out takes lines of a table
     * @return whether every way was measured that needs no privileges
     * @throws IOException if files cannot be written
     */
    public static boolean run(Duration each, Consumer<String> out) throws IOException {
        Comparison comparison = new Comparison(each, out);
        LEGEND.forEach(out);
        boolean complete = true;
        for (Way way : Way.all()) {
            Outcome outcome = comparison.tryOne(way);
            complete &= outcome instanceof Outcome.Measured || !way.anywhere();
        }
        return complete;
    }

    private Outcome tryOne(Way way) throws IOException {
        if (!section.equals(way.section())) {
            section = way.section();
            out.accept(HEAD.formatted(section, "median µs", "p99 µs", "Gbit/s", "connections/s"));
        }
        Path folder = Files.createTempDirectory("sni-proxy-bench-");
        try {
            Outcome outcome = Trial.run(way, folder, each);
            out.accept(row(way, outcome));
            return outcome;
        } finally {
            delete(folder);
        }
    }

    private static String row(Way way, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Measured(Figures f) ->
                String.format(
                        Locale.ROOT,
                        ROW,
                        way.name(),
                        "%.1f".formatted(f.median()),
                        "%.1f".formatted(f.rare()),
                        "%.1f".formatted(f.gigabits()),
                        "%,.0f".formatted(f.connections()));
            case Outcome.NotRun(String reason) -> "  %-42s not run: %s".formatted(way.name(), reason);
        };
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
