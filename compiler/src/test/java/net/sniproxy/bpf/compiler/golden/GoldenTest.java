package net.sniproxy.bpf.compiler.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.asm.Disassembler;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.SinceKernel;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the idioms of the language become, instruction by instruction, so that a change of the compiler shows what it
 * changes. {@code -Dgolden.update=true} writes the listings anew; look at the difference before it is committed.
 */
class GoldenTest {
    private static final Path FILES = Path.of("src/test/resources/net/sniproxy/bpf/compiler/golden");
    private static final boolean UPDATE = Boolean.getBoolean("golden.update");

    static Stream<String> listings() {
        CompileOptions options = CompileOptions.defaults().withByteOrder(ByteOrder.LITTLE_ENDIAN);
        return Compiler.compile(options, Listings.class).programs().stream().map(ProgramSpec::name);
    }

    @ParameterizedTest
    @MethodSource("listings")
    void shouldBecomeTheseInstructions(String program) {
        CompileOptions options = CompileOptions.defaults().withByteOrder(ByteOrder.LITTLE_ENDIAN);
        ObjectSpec spec = Compiler.compile(options, Listings.class);
        String listing = Disassembler.listing(spec.program(program).link().instructions());

        if (UPDATE) {
            write(program, listing);
        }
        assertThat(listing)
                .as("listing of %s; -Dgolden.update=true accepts it", program)
                .isEqualTo(read(program));
    }

    @ParameterizedTest
    @MethodSource("listings")
    void shouldDifferOnlyInByteSwapsForTheOtherByteOrder(String program) {
        ObjectSpec big =
                Compiler.compile(CompileOptions.defaults().withByteOrder(ByteOrder.BIG_ENDIAN), Listings.class);

        List<String> swaps = Disassembler.listing(big.program(program).link().instructions())
                .lines()
                .filter(line -> line.contains("be16") || line.contains("be32") || line.contains("bswap"))
                .toList();
        assertThat(swaps).as("network order is the machine's own").isEmpty();
    }

    @Test
    void shouldGiveTheSameBytesEachTime() {
        CompileOptions options = CompileOptions.defaults();
        assertThat(Compiler.compile(options, Listings.class)).isEqualTo(Compiler.compile(options, Listings.class));
    }

    private record Refusal(Class<?> program, String line, String advice) {}

    @KernelTest
    @SinceKernel("6.10") // Since then the verifier names file and line.
    @Test
    void shouldExplainWhatTheVerifierRefuses() {
        List<Refusal> refusals = List.of(
                new Refusal(
                        Unchecked.Load.class,
                        "return context.data().u8(0);",
                        "r0 points into the packet and 0 bytes from there are checked, but 1 are used at 0: on every path"
                                + " ask dataEnd().covers(pointer, length) first\n"
                                + "    r0 is byte 0 of the packet, which is checked up to byte 0"),
                new Refusal(
                        Unchecked.Lookup.class,
                        "COUNTS.lookup(1).value++;",
                        "r0 is what a lookup gave and may be null: compare it with null before its fields are used\n"
                                + "    r0 is a value of map COUNTS, or null"),
                new Refusal(
                        Unchecked.Index.class,
                        "return buffer.u8(context.ingressIfindex());",
                        "memory of the stack is used that is not set, or outside the object: bound the index of the"
                                + " buffer"),
                new Refusal(
                        Unchecked.Distance.class,
                        "return body.u16be(2);",
                        "r2 may be so far behind the packet's start that no check counts: keep the distance below 32768,"
                                + " with a mask if need be, and check behind it\n"
                                + "    r2 is somewhere in the packet at byte 0 to 4294967295, and 0 bytes are checked"
                                + " there"),
                new Refusal(
                        Unchecked.Element.class,
                        "return name.letters[context.ingressIfindex() & 15];",
                        "a value of the map has 8 bytes, but 1 are used at 15: bound the index, with a mask if need be\n"
                                + "    r0 is a value of map NAMES at byte 0 to 15"),
                new Refusal(
                        Unchecked.Stale.class,
                        "return frame.u8(13);",
                        "r6 is a number here, not a pointer: a packet pointer from before a call that moves the packet is"
                                + " dead; read data() and dataEnd() again and check again"),
                new Refusal(
                        Unchecked.Mistaken.class,
                        "count.value = 1;",
                        "r0 is null on this path: it is used where a comparison has shown that there is no object\n"
                                + "    r0 is 0"),
                new Refusal(
                        Unchecked.Helper.class,
                        "return (int) cookie(context);",
                        "bpf_get_socket_cookie#46 is not for programs of this type, or not in this kernel: use what the"
                                + " program's context offers"),
                new Refusal(
                        Unchecked.LongLoop.class,
                        "sum = sum * 31 + i;",
                        "there are too many paths to walk: count loops to a small constant, or make a part a function of its"
                                + " own with @BpfFunction"),
                new Refusal(
                        Unchecked.Loop.class,
                        "while (i != 0) {",
                        "the loop has no end that can be seen: count to a constant, and change the counter on every"
                                + " path"));
        SoftAssertions softly = new SoftAssertions();
        for (Refusal each : refusals) {
            softly.assertThat(refusal(each.program))
                    .as(each.program.getSimpleName())
                    .message()
                    .containsPattern("\n    at Unchecked\\.java:\\d+: " + Pattern.quote(each.line) + "\n    "
                            + Pattern.quote(each.advice) + "\n");
        }
        softly.assertAll();
    }

    private static VerifierException refusal(Class<?> program) {
        CompileOptions options = CompileOptions.defaults().withSources(GoldenTest::sourceLine);
        ObjectSpec spec = Compiler.compile(options, program);
        return catchThrowableOfType(
                VerifierException.class,
                () -> LoadedObject.load(Kernel.running(), spec).close());
    }

    private static String sourceLine(String className, String sourceFile, int line) {
        String path = "src/test/java/" + className.replaceAll("[^.]*$", "").replace('.', '/') + sourceFile;
        try {
            return Files.readAllLines(Path.of(path)).get(line - 1).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(String program) {
        try (InputStream in = GoldenTest.class.getResourceAsStream(program + ".txt")) {
            return UPDATE || in == null
                    ? Files.readString(FILES.resolve(program + ".txt"))
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(String program, String listing) {
        try {
            Files.writeString(FILES.resolve(program + ".txt"), listing);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
