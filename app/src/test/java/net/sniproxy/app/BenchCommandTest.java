package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.sniproxy.app.Cli.Running;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    private static final String FIGURES = "( +[0-9.,]+){4}\n";

    @TempDir
    Path folder;

    @KernelTest
    @Test
    void shouldMeasureEveryDataPathAndLeaveNothingBehind() throws Exception {
        String[] arguments = {"bench", "--each", "50"};
        try (Running bench = new Cli(folder).start(arguments)) {
            assertThat(output(bench))
                    .matches("(?s)Round trips .*\n\nbetween processes of this host .*\n"
                            + "  no proxy" + FIGURES + "  relay" + FIGURES + "  sockmap" + FIGURES
                            + "across a network .*\n"
                            + "  no proxy \\(routed\\)" + FIGURES + "  relay" + FIGURES + "  splice" + FIGURES);
            assertThat(bench.process().exitValue()).isZero();
            assertThat(namespacesOf(bench)).isEmpty();
            assertThat(namesIn(cgroups())).doesNotContain(name(bench));
        }
    }

    /** Root without a single capability: files belong to it, the kernel does not. */
    @KernelTest
    @Test
    void shouldSayWhatCannotBeTriedAndWhy() throws Exception {
        List<String> prefix = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
        try (Running bench = new Cli(folder).startBehind(prefix, "bench", "--each", "50")) {
            assertThat(output(bench))
                    .containsPattern("  no proxy" + FIGURES + "  relay" + FIGURES)
                    .containsPattern("  sockmap +not run: a cgroup cannot be made in .*: run as root")
                    .containsPattern("  splice +not run: ip netns add .*: ");
            assertThat(bench.process().exitValue()).isZero();
        }
    }

    private static String output(Running bench) throws IOException, InterruptedException {
        if (!bench.process().waitFor(10, TimeUnit.MINUTES)) {
            killWithWhatItMade(bench);
            throw new AssertionError("still running: " + bench.outSoFar());
        }
        return bench.outSoFar();
    }

    private static void killWithWhatItMade(Running bench) throws IOException {
        List<ProcessHandle> all = bench.process().descendants().toList();
        bench.process().destroyForcibly().onExit().join();
        for (ProcessHandle process : all) {
            process.destroyForcibly();
            process.onExit().join();
        }
        namespacesOf(bench).forEach(namespace -> Commands.run("ip", "netns", "delete", namespace));
        Files.deleteIfExists(cgroups().resolve(name(bench)));
    }

    private static List<String> namespacesOf(Running bench) throws IOException {
        return namesIn(Path.of("/run/netns")).stream()
                .filter(namespace -> namespace.startsWith(name(bench) + "-"))
                .toList();
    }

    /** As its cgroup is called. */
    private static String name(Running bench) {
        return "sni-proxy-bench-" + bench.process().pid();
    }

    private static Path cgroups() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1]))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> namesIn(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }
}
