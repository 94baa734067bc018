package net.sniproxy.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What kernel programs tell {@code trace_pipe}: that of an instance of its own, since every line goes to one reader only (Linux
 * 5.9, which made {@code bpf_trace_printk} an event).
 */
class TraceTest {
    private static final String SPLICED = "sni-proxy: tc_splice connection ";

    @TempDir
    Path folder;

    @Test
    @Timeout(300)
    void shouldTellWhatBecomesOfASplicedConnection() throws Exception {
        Path tracing = Files.createDirectory(folder.resolve("tracing"));
        Child.run(List.of("mount", "-t", "tracefs", "none", tracing.toString()));
        Path instance = tracing.resolve(
                "instances/sni-proxy-test-" + ProcessHandle.current().pid());
        try (Rig rig = Rig.start(DataPath.SPLICE, config -> config.set("ebpf.trace", true))) {
            Files.createDirectory(instance);
            Files.writeString(instance.resolve("events/bpf_trace/bpf_trace_printk/enable"), "1");
            Path lines = folder.resolve("lines");
            Process pipe = new ProcessBuilder(
                            "cat", instance.resolve("trace_pipe").toString())
                    .redirectOutput(lines.toFile())
                    .start();
            try {
                Link link = rig.open();
                link.exchange(new Payload(1, 1_000), new Payload(2, 1_000)).join();
                // SPLICED and CLOSED.
                Await.until(
                        "both states in trace_pipe",
                        Duration.ofSeconds(20),
                        () -> spliceLines(lines),
                        told -> told.stream().anyMatch(line -> line.endsWith(" is in state 2"))
                                && told.stream().anyMatch(line -> line.endsWith(" is in state 4")));
            } finally {
                pipe.destroyForcibly().waitFor();
            }
        } finally {
            Files.deleteIfExists(instance);
            Child.run(List.of("umount", tracing.toString()));
        }
    }

    private static List<String> spliceLines(Path lines) throws IOException {
        return Files.readAllLines(lines).stream()
                .filter(line -> line.contains(SPLICED))
                .toList();
    }
}
