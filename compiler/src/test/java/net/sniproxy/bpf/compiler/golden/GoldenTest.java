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

    @KernelTest
    @Test
    void shouldShowTheJavaLineOfALoadWithoutCheck() {
        VerifierException refusal = refusal(Unchecked.Load.class);

        assertThat(refusal).hasMessageContaining("Unchecked.java:").hasMessageContaining("invalid access to packet");
    }

    @KernelTest
    @Test
    void shouldShowTheJavaLineOfAMissingNullCheck() {
        VerifierException refusal = refusal(Unchecked.Lookup.class);

        assertThat(refusal).hasMessageContaining("Unchecked.java:").hasMessageContaining("map_value_or_null");
    }

    private static VerifierException refusal(Class<?> program) {
        ObjectSpec spec = Compiler.compile(CompileOptions.defaults(), program);
        return catchThrowableOfType(
                VerifierException.class,
                () -> LoadedObject.load(Kernel.running(), spec).close());
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
