package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The object files are what other tools take for such. */
class BpfBuildTest {
    private static final List<String> PROGRAMS =
            List.of("count_consumed", "enrol_socket", "redirect_msg", "refuse_ulp", "tc_splice", "xdp_ip_filter");

    @TempDir
    Path folder;

    private static int build(Path folder, StringWriter text) {
        PrintWriter out = new PrintWriter(text);
        return CommandLines.sniProxy(out, out).execute("bpf", "build", "--output", folder.toString());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void shouldWriteEachProgramForBothByteOrders() throws IOException {
        StringWriter text = new StringWriter();
        assertThat(build(folder, text)).isEqualTo(ExitCode.OK);

        assertThat(text.toString().lines()).hasSize(2 * PROGRAMS.size()).allMatch(line -> Files.exists(Path.of(line)));
        assertElf("bpfel-unknown-none", "little endian");
        assertElf("bpfeb-unknown-none", "big endian");
    }

    private void assertElf(String target, String order) throws IOException {
        List<Path> files = files(folder.resolve(target));
        assertThat(files)
                .map(file -> file.getFileName().toString())
                .isEqualTo(PROGRAMS.stream().map(name -> name + ".o").toList());
        for (Path file : files) {
            assertThat(Commands.run("readelf", "--wide", "--file-header", "--sections", "--symbols", file.toString()))
                    .contains("2's complement, " + order, "Linux BPF", ".BTF", "license")
                    .doesNotContain("readelf:");
        }
    }

    @Test
    @KernelTest
    void shouldWriteWhatBpftoolLoads() throws IOException {
        assertThat(build(folder, new StringWriter())).isEqualTo(ExitCode.OK);

        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            for (Path file : files(folder.resolve("bpfel-unknown-none"))) {
                Path pin = pins.root().resolve(file.getFileName().toString().replace(".o", ""));
                Commands.run("bpftool", "prog", "load", file.toString(), pin.toString());
                assertThat(Commands.run("bpftool", "prog", "show", "pinned", pin.toString()))
                        .contains("name " + pin.getFileName());
            }
        }
    }

    @Test
    void shouldSayWhereItCannotWrite() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        StringWriter text = new StringWriter();

        assertThat(build(file, text)).isEqualTo(ExitCode.FAILED);
        assertThat(text.toString()).startsWith("sni-proxy: cannot write " + file);
    }
}
