package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import net.sniproxy.bpf.compiler.sample.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalsTest {
    /** What is wrong with these is no single line. */
    private static final Set<String> OF_THE_WHOLE_METHOD = Set.of("large_stack", "not_static", "no_verdict");

    private static List<CompileError> errors() {
        CompileException refusal = catchThrowableOfType(
                CompileException.class, () -> Compiler.compile(CompileOptions.defaults(), Refused.class));
        return refusal.errors();
    }

    /**
     * A refusal.
     *
     * @param documented the part of the message that compiler/README.md has word for word
     */
    private record Refusal(String program, String method, String documented) {}

    private static List<Refusal> refusals() {
        return List.of(
                new Refusal("floating", "floating", "floating point: the kernel has none"),
                new Refusal("divides", "divides", "the divisor may be 0"),
                new Refusal("throws_up", "throwing", "this exception may be thrown"),
                new Refusal("recursive", "factorial", "write a bounded loop"),
                new Refusal("library", "library", "the kernel has no Java library"),
                new Refusal("library_object", "libraryObject", "the kernel has no Java library"),
                new Refusal("unknown_target", "unknownTarget", "the kernel has no Java library"),
                new Refusal("text", "text", "the kernel has no Java library"),
                new Refusal("class_constant", "classConstant", "the kernel has no Java library"),
                new Refusal("state", "state", "keep state in a map"),
                new Refusal("for_tests", "forTests", "is for the JVM run and for tests"),
                new Refusal("array_length", "arrayLength", "an array on the stack needs a constant length"),
                new Refusal("object_array", "objectArray", "has no meaning in the kernel"),
                new Refusal("monitor", "monitor", "has no meaning in the kernel"),
                new Refusal("buffer_size", "bufferSize", "a buffer needs a constant size"),
                new Refusal("large_stack", "largeStack", "bytes and may have 512"),
                new Refusal("not_java", "notJava", "has no body that could be compiled"),
                new Refusal("not_static", "notStatic", "a kernel program must be a static method"),
                new Refusal("no_verdict", "noVerdict", "a kernel program must return an int"),
                new Refusal("many_parameters", "manyParameters", "has more than five parameters"),
                new Refusal(
                        "packet_parameter",
                        "packetParameter",
                        "only numbers, the context and structs can be handed over"),
                new Refusal("short_result", "shortResult", "must return int, long or boolean"),
                new Refusal("wide_helper", "wideHelper", "a helper takes at most five arguments"),
                new Refusal("kept", "kept", "the object of the round before is still needed"),
                new Refusal("same", "same", "two references are compared"),
                new Refusal("joined_text", "joinedText", "joining of strings"),
                new Refusal("kind", "kind", "instanceof: objects have no class in the kernel"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldSayWhereAndWhyAndWhatToWriteInstead(Refusal refusal) {
        CompileError error = errors().stream()
                .filter(each -> each.program().equals(refusal.program()))
                .findFirst()
                .orElseThrow();

        assertThat(error.message()).contains(refusal.documented());
        assertThat(error.position().method()).isEqualTo(refusal.method());
        assertThat(error.position().sourceFile()).isEqualTo("Refused.java");
        if (!OF_THE_WHOLE_METHOD.contains(refusal.program())) {
            assertThat(error.position().line()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldBeInTheReadme(Refusal refusal) throws IOException {
        assertThat(Files.readString(Path.of("README.md")).replaceAll("\\s+", " "))
                .contains(refusal.documented());
    }

    @Test
    void shouldReportAllProgramsAtOnce() {
        assertThat(errors().stream().map(CompileError::program).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        refusals().stream().map(Refusal::program).toList());
    }

    @Test
    void shouldAcceptWhatIsNeverReached() {
        assertThat(errors()).noneMatch(error -> error.program().equals("unreached"));
    }
}
