package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.Precompiled;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.spec.ObjectSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the build compiled is what compiling now gives, and is not used where it would be something else. */
class KernelImagesTest {
    private static final CompileOptions OPTIONS = CompileOptions.defaults()
            .withByteOrder(ByteOrder.LITTLE_ENDIAN)
            .withSources(SourceText.ofResources(KernelPrograms.class.getClassLoader()));

    static List<Class<?>> programs() {
        return KernelPrograms.all();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldBeWhatCompilingNowGives(Class<?> program) {
        assertThat(Precompiled.find(OPTIONS, program)).contains(Compiler.compile(OPTIONS, program));
    }

    @Test
    void shouldBePutTogetherAsIfCompiledTogether() {
        Class<?>[] all = KernelPrograms.all().toArray(Class<?>[]::new);
        CompileOptions options = OPTIONS.withMapEntries(Map.of("FLOWS", 1000, "SPLICES", 500));

        ObjectSpec object = Precompiled.compile(options, all);

        assertThat(object).isEqualTo(Compiler.compile(options, all));
        assertThat(object.map("FLOWS").maxEntries()).isEqualTo(1000);
    }

    @Test
    void shouldNotBeUsedForOtherOptions() {
        List<CompileOptions> others = List.of(
                OPTIONS.withByteOrder(ByteOrder.BIG_ENDIAN),
                OPTIONS.withVersion4(true),
                OPTIONS.withConstants(Map.of("a.B.C", 1L)),
                OPTIONS.withSources(SourceText.none()));

        for (CompileOptions other : others) {
            assertThat(Precompiled.find(other, RedirectMsg.class)).isEmpty();
            assertThat(Precompiled.compile(other, RedirectMsg.class))
                    .isEqualTo(Compiler.compile(other, RedirectMsg.class));
        }
    }

    @Test
    void shouldNotExistForAClassThatTheBuildDidNotCompile() {
        assertThat(Precompiled.find(OPTIONS, ParseProbe.class)).isEmpty();
        assertThat(Precompiled.compile(OPTIONS, ParseProbe.class))
                .isEqualTo(Compiler.compile(OPTIONS, ParseProbe.class));
    }
}
