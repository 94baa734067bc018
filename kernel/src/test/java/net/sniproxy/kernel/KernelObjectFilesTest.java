package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.elf.ObjectFile;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel programs as object files: other tools read them, and libbpf loads them. */
class KernelObjectFilesTest {
    @TempDir
    Path directory;

    static List<Class<?>> programs() {
        return KernelPrograms.all();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldBeReadByReadelfInEitherByteOrder(Class<?> program) throws IOException {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ObjectSpec object = compile(order, program);
            Path file = write(object, order);

            String expected = order == ByteOrder.BIG_ENDIAN ? "big endian" : "little endian";
            assertThat(Commands.run("readelf", "-hW", file.toString())).contains(expected, "Linux BPF");
            assertThat(Commands.run("readelf", "-SsrW", file.toString()))
                    .containsPattern("FUNC +GLOBAL +DEFAULT +\\d+ "
                            + object.programs().getFirst().name() + "\\n")
                    .containsPattern(
                            "R_BPF_INSN_64 +0{16} " + object.maps().getFirst().name() + "\\n")
                    .doesNotContain("Warning", "Error");
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldBecomeASkeletonAndHeadersForC(Class<?> program) throws IOException {
        ObjectSpec object = compile(ByteOrder.nativeOrder(), program);
        Path file = write(object, ByteOrder.nativeOrder());

        String skeleton = Commands.run("bpftool", "gen", "skeleton", file.toString());
        assertThat(skeleton)
                .contains(object.programs().stream()
                        .map(each -> "struct bpf_program *" + each.name() + ";")
                        .toList());
        assertThat(skeleton)
                .contains(object.maps().stream()
                        .map(map -> "struct bpf_map *" + map.name() + ";")
                        .toList());
        Path header = directory.resolve("types.h");
        Files.writeString(header, Commands.run("bpftool", "btf", "dump", "file", file.toString(), "format", "c"));
        Commands.run("gcc", "-fsyntax-only", "-Wall", "-Wno-unknown-pragmas", "-Werror", "-x", "c", header.toString());
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldBeTakenByTheLinker(Class<?> program) throws IOException {
        ObjectSpec object = compile(ByteOrder.nativeOrder(), program);
        Path file = write(object, ByteOrder.nativeOrder());
        Path linked = directory.resolve("linked.o");

        Commands.run("bpftool", "gen", "object", linked.toString(), file.toString());

        assertThat(Commands.run("readelf", "-sW", linked.toString()))
                .containsPattern("FUNC +GLOBAL +DEFAULT +\\d+ "
                        + object.programs().getFirst().name() + "\\n");
    }

    @KernelTest
    @ParameterizedTest
    @MethodSource("net.sniproxy.kernel.KernelProgramsTest#loadable")
    void shouldBeLoadedByLibbpf(Class<?> program) throws IOException {
        loadWithBpftool(compile(ByteOrder.nativeOrder(), program));
    }

    @KernelTest
    @SinceKernel("6.3") // The tracepoint sock_recv_length.
    @Test
    void shouldBeLoadedByLibbpfFromOneFile() throws IOException {
        loadWithBpftool(compile(ByteOrder.nativeOrder(), KernelPrograms.all().toArray(Class<?>[]::new)));
    }

    private void loadWithBpftool(ObjectSpec object) throws IOException {
        Path file = write(object, ByteOrder.nativeOrder());
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            Path programs = pins.root().resolve("programs");
            Path maps = pins.root().resolve("maps");
            Commands.run(
                    "bpftool", "prog", "loadall", file.toString(), programs.toString(), "pinmaps", maps.toString());

            assertThat(names(programs))
                    .containsExactlyInAnyOrderElementsOf(
                            object.programs().stream().map(spec -> spec.name()).toList());
            assertThat(names(maps))
                    .containsExactlyInAnyOrderElementsOf(
                            object.maps().stream().map(spec -> spec.name()).toList());
        }
    }

    private static ObjectSpec compile(ByteOrder order, Class<?>... programs) {
        CompileOptions options =
                CompileOptions.defaults().withSources(SourceText.ofResources(KernelPrograms.class.getClassLoader()));
        return Compiler.compile(options.withByteOrder(order), programs);
    }

    private Path write(ObjectSpec object, ByteOrder order) throws IOException {
        return Files.write(directory.resolve("object.o"), ObjectFile.write(object, order));
    }

    private static List<String> names(Path parent) throws IOException {
        try (var children = Files.list(parent)) {
            return children.map(child -> child.getFileName().toString()).toList();
        }
    }
}
