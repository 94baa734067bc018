package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import net.sniproxy.bpf.compiler.sample.Idioms;
import net.sniproxy.bpf.elf.ObjectFile;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was compiled can be written as an object file and loaded by libbpf. */
@KernelTest
class ObjectFileTest {
    @TempDir
    Path directory;

    @Test
    void shouldHaveItsFunctionsCheckedApartByLibbpf() throws IOException {
        byte[] object =
                ObjectFile.write(Compiler.compile(CompileOptions.defaults(), Idioms.class), ByteOrder.nativeOrder());
        Path file = Files.write(directory.resolve("idioms.o"), object);
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            Path programs = pins.root().resolve("programs");
            Commands.run("bpftool", "prog", "loadall", file.toString(), programs.toString());

            assertThat(Commands.run(
                            "bpftool",
                            "prog",
                            "dump",
                            "xlated",
                            "pinned",
                            programs.resolve("functions").toString()))
                    .contains(
                            "s32 functions(struct xdp_md * ctx):", "s32 Idioms_mix(", "s32 Idioms_overLimit(s32 p0):");
        }
        assertThat(Commands.run("readelf", "-sW", file.toString()))
                .containsPattern("FUNC +GLOBAL +DEFAULT +1 Idioms_mix\\n");
    }
}
