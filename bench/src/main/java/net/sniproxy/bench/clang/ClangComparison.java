package net.sniproxy.bench.clang;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Writes the comparison as a page of the documentation. Needs root, clang, the headers of libbpf and bpftool.
 *
 * <p>Arguments: the directory of the C versions, the file to write.
 */
public final class ClangComparison {
    private ClangComparison() {}

    /** The command. */
    public static void main(String[] arguments) throws IOException {
        Path work = Files.createTempDirectory("clang-comparison");
        List<Contest.Result> results = new ArrayList<>();
        for (Subject subject : Subject.all()) {
            results.add(new Contest(subject, Path.of(arguments[0]), work).run());
            Files.delete(work.resolve(subject.name() + ".o"));
        }
        Files.delete(work);
        try (PrintStream out = new PrintStream(arguments[1], StandardCharsets.UTF_8)) {
            write(results, out);
        }
    }

    private static void write(List<Contest.Result> results, PrintStream out) {
        out.println("# Kernel programs in Java beside clang");
        out.println();
        out.println("Written by `make compare`. The same programs in Java, compiled by module `compiler`, and in C");
        out.println(
                "(`bench/src/main/c`), compiled by `clang -O2 -mcpu=v3`, on one machine in one run. *Instructions* are");
        out.println(
                "eight-byte slots before the kernel rewrites them; *verified* is what the verifier walked over all");
        out.println("paths; *ns* is the median time of one test run, in whole nanoseconds as the kernel gives it.");
        out.println();
        out.println("| program | instructions ours / clang | verified ours / clang | ns per run ours / clang |");
        out.println("|---|---|---|---|");
        for (Contest.Result result : results) {
            out.println(row(result));
        }
        out.printf(
                Locale.ROOT,
                "| **geometric mean of the ratios** | %.2f | %.2f | %.2f |%n",
                mean(results, Measurement::instructions),
                mean(results, Measurement::verified),
                mean(
                        results.stream()
                                .filter(result -> result.java().nanos().isPresent())
                                .toList(),
                        measurement -> Math.max(1, measurement.nanos().orElseThrow())));
    }

    private static String row(Contest.Result result) {
        Measurement java = result.java();
        Measurement clang = result.clang();
        String nanos = java.nanos().isPresent()
                ? String.format(
                        Locale.ROOT,
                        "%.0f / %.0f",
                        java.nanos().getAsDouble(),
                        clang.nanos().orElseThrow())
                : "–";
        return "| `" + result.subject().name() + "` | " + java.instructions() + " / " + clang.instructions() + " | "
                + java.verified() + " / " + clang.verified() + " | " + nanos + " |";
    }

    private static double mean(List<Contest.Result> results, ToDoubleFunction<Measurement> value) {
        return Math.exp(results.stream()
                .mapToDouble(
                        result -> Math.log(value.applyAsDouble(result.java()) / value.applyAsDouble(result.clang())))
                .average()
                .orElse(0));
    }
}
