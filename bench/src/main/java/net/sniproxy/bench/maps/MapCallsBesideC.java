package net.sniproxy.bench.maps;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.spec.MapType;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs {@link MapCalls} and a C loop over the same calls in turns, and prints both and their ratio. The best round of
 * each counts, since whatever else the machine does only ever makes a round slower.
 *
 * <p>Usage: {@code java … MapCallsBesideC path/to/map_calls.c}. Needs root and gcc.
 */
public final class MapCallsBesideC {
    private static final List<MapType> TYPES = List.of(MapType.HASH, MapType.LRU_HASH, MapType.PERCPU_ARRAY);
    private static final int VALUE_BYTES = 8;
    private static final int C_CALLS = 100_000;
    private static final int TURNS = 2;

    /** Best rounds, in nanoseconds for a call. */
    private record Times(double lookup, double update) {
        static final Times NONE = new Times(Double.MAX_VALUE, Double.MAX_VALUE);

        Times best(Times other) {
            return new Times(Math.min(lookup, other.lookup), Math.min(update, other.update));
        }
    }

    private MapCallsBesideC() {}

    public static void main(String[] arguments) throws IOException, InterruptedException, RunnerException {
        Path program = compile(Path.of(arguments[0]));
        try {
            System.out.println("map           call     C ns   Java ns   Java / C");
            for (MapType type : TYPES) {
                Times c = Times.NONE;
                Times java = Times.NONE;
                for (int turn = 0; turn < TURNS; turn++) {
                    c = c.best(runC(program, type));
                    java = java.best(new Times(runJava(type, "lookup"), runJava(type, "update")));
                }
                print(type, "lookup", c.lookup(), java.lookup());
                print(type, "update", c.update(), java.update());
            }
        } finally {
            Files.delete(program);
        }
    }

    private static void print(MapType type, String call, double c, double java) {
        System.out.printf(Locale.ROOT, "%-13s %-7s %5.0f   %7.0f   %8.2f%n", type, call, c, java, java / c);
    }

    private static Path compile(Path source) throws IOException, InterruptedException {
        Path program = Files.createTempFile("map_calls", "");
        run(List.of("gcc", "-O2", "-o", program.toString(), source.toString()));
        return program;
    }

    private static Times runC(Path program, MapType type) throws IOException, InterruptedException {
        int valueBytes = type.perCpu() ? VALUE_BYTES * Kernel.running().possibleCpus() : VALUE_BYTES;
        Times best = Times.NONE;
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (int argument :
                new int[] {type.number(), valueBytes, MapCalls.ENTRIES, MapCalls.KEYS, MapCalls.ROUNDS, C_CALLS}) {
            command.add(Integer.toString(argument));
        }
        for (String line : run(command).lines().toList()) {
            String[] times = line.split(" ");
            best = best.best(new Times(Double.parseDouble(times[0]), Double.parseDouble(times[1])));
        }
        return best;
    }

    private static double runJava(MapType type, String call) throws RunnerException {
        RunResult result = new Runner(new OptionsBuilder()
                        .include("^" + MapCalls.class.getName() + "\\." + call + "$")
                        .param("type", type.name())
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle();
        DoubleSummaryStatistics rounds = new DoubleSummaryStatistics();
        result.getBenchmarkResults()
                .forEach(fork -> fork.getIterationResults()
                        .forEach(round -> rounds.accept(round.getPrimaryResult().getScore())));
        return rounds.getMin();
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed: " + output);
        }
        return output;
    }
}
