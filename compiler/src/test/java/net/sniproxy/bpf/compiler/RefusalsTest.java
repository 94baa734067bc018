package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.sniproxy.bpf.compiler.sample.Refused;
import net.sniproxy.bpf.compiler.sample.RefusedForms;
import net.sniproxy.bpf.compiler.sample.RefusedObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every refusal that compiler/README.md documents, shown by a program; and no other. */
class RefusalsTest {
    /** What is wrong with these is no single line. */
    private static final Set<String> OF_THE_WHOLE_METHOD = Set.of(
            "large_stack", "not_static", "no_verdict", "long_verdict", "no_context", "other_context", "narrow_map");

    private static final List<CompileError> ERRORS = errors();

    private static List<CompileError> errors() {
        CompileException refusal = catchThrowableOfType(
                CompileException.class,
                () -> Compiler.compile(
                        CompileOptions.defaults(), Refused.class, RefusedObjects.class, RefusedForms.class));
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
                new Refusal("state", "state", "keep state in a map"),
                new Refusal("for_tests", "forTests", "is for the JVM run and for tests"),
                new Refusal("buffer_size", "bufferSize", "a buffer needs a constant size"),
                new Refusal("large_stack", "largeStack", "bytes and may have 512"),
                new Refusal("monitor", "monitor", "synchronized has no meaning in the kernel"),
                new Refusal("kept", "kept", "the object of the round before is still needed"),
                new Refusal("lambda_chosen", "lambdaChosen", "a lambda lives only while it is compiled"),
                new Refusal("lambda_stored", "lambdaStored", "a lambda lives only while it is compiled"),
                new Refusal("text", "text", "kernel programs have no text"),
                new Refusal("joined_text", "joinedText", "joining of strings"),
                new Refusal("class_constant", "classConstant", "kernel programs have no classes at run time"),
                new Refusal("kind", "kind", "instanceof: objects have no class in the kernel"),
                new Refusal("pattern", "pattern", "switch over patterns"),
                new Refusal("equal", "equals", "equals, hashCode and toString of a record"),
                new Refusal("same", "same", "two references are compared"),
                new Refusal("jdk_object", "jdkObject", "kernel programs make only objects of their own classes"),
                new Refusal("array_size", "arraySize", "an array on the stack needs a constant length"),
                new Refusal("array_length", "arrayLength", "the length of this array is not known here"),
                new Refusal("array_index", "arrayIndex", "is outside of the array"),
                new Refusal("buffer_index", "bufferIndex", "is outside of the object on the stack"),
                new Refusal("object_array", "objectArray", "an array of objects"),
                new Refusal("square_array", "squareArray", "an array of objects"),
                new Refusal("static_array", "staticArray", "an array in a static field"),
                new Refusal(
                        "static_object",
                        "staticObject",
                        "only maps (@BpfMap), enum constants and static final numbers can be read"),
                new Refusal("not_java", "notJava", "has no body that could be compiled"),
                new Refusal("not_static", "notStatic", "a kernel program must be a static method"),
                new Refusal("no_verdict", "noVerdict", "a kernel program must return an int"),
                new Refusal("long_verdict", "longVerdict", "a kernel program must return an int"),
                new Refusal("no_context", "noContext", "takes its context and nothing else"),
                new Refusal("other_context", "otherContext", "takes its context and nothing else"),
                new Refusal("many_parameters", "manyParameters", "has more than five parameters"),
                new Refusal(
                        "packet_parameter",
                        "packetParameter",
                        "only numbers, the context and structs can be handed over"),
                new Refusal("short_result", "shortResult", "must return int, long or boolean"),
                new Refusal("instance", "instance", "only static methods can be functions"),
                new Refusal("same_name", "sameName", "two functions are named"),
                new Refusal("wide_helper", "wideHelper", "a helper takes at most five arguments"),
                new Refusal("unknown_size", "unknownSize", "the size of this argument is not known"),
                new Refusal("no_member", "noMember", "the running kernel has no member"),
                new Refusal("narrow_map", "narrowMap", "two maps are named"),
                new Refusal("text_map", "textMap", "is no struct"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldSayWhereAndWhyAndWhatToWriteInstead(Refusal refusal) {
        CompileError error = ERRORS.stream()
                .filter(each -> each.program().equals(refusal.program()))
                .findFirst()
                .orElseThrow();

        assertThat(error.message()).contains(refusal.documented());
        assertThat(error.position().method()).isEqualTo(refusal.method());
        assertThat(error.position().line() == 0)
                .as("a line: %s", error)
                .isEqualTo(OF_THE_WHOLE_METHOD.contains(refusal.program()));
    }

    @Test
    void shouldDocumentEachRefusalAndShowEachThatIsDocumented() throws IOException {
        assertThat(documented())
                .containsExactlyInAnyOrderElementsOf(
                        refusals().stream().map(Refusal::documented).distinct().toList());
    }

    /** The messages in the first column of the README's table, which are set as code. */
    private static List<String> documented() throws IOException {
        String chapter = Files.readString(Path.of("README.md"))
                .split("\n## Refusals\n", -1)[1]
                .split("\n# ", -1)[0];
        return chapter.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1)[1])
                .flatMap(column -> Pattern.compile("`([^`]+)`").matcher(column).results())
                .map(message -> message.group(1))
                .toList();
    }

    @Test
    void shouldReportEachErrorOfAllProgramsOnce() {
        Map<String, Long> counts =
                ERRORS.stream().collect(Collectors.groupingBy(CompileError::program, Collectors.counting()));

        Set<String> expected =
                new TreeSet<>(refusals().stream().map(Refusal::program).toList());
        assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(counts)
                .allSatisfy((program, count) -> assertThat(count).as(program).isOne());
    }

    @Test
    void shouldAcceptWhatIsNeverReached() {
        assertThat(ERRORS).noneMatch(error -> error.program().equals("unreached"));
    }
}
