package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.compiler.sample.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTest {
    private static List<CompileError> errors() {
        CompileException refusal = catchThrowableOfType(
                CompileException.class, () -> Compiler.compile(CompileOptions.defaults(), Refused.class));
        return refusal.errors();
    }

    @ParameterizedTest
    @CsvSource({
        "floating, floating, floating point",
        "divides, divides, the divisor may be 0",
        "throws_up, throwing, nobody catches it",
        "recursive, factorial, bounded loop",
        "library, library, java.util.List.of",
        "state, state, keep state in a map",
        "for_tests, forTests, for the JVM run and for tests",
    })
    void shouldSayWhereAndWhyAndWhatToWriteInstead(String program, String method, String reason) {
        Optional<CompileError> error =
                errors().stream().filter(e -> e.program().equals(program)).findFirst();
        assertThat(error).isPresent();
        assertThat(error.get().message()).contains(reason);
        assertThat(error.get().position().method()).isEqualTo(method);
        assertThat(error.get().position().sourceFile()).isEqualTo("Refused.java");
        assertThat(error.get().position().line()).isPositive();
    }

    @Test
    void shouldReportAllProgramsAtOnce() {
        assertThat(errors().stream().map(CompileError::program).distinct()).hasSize(7);
    }

    @Test
    void shouldAcceptWhatIsNeverReached() {
        assertThat(errors()).noneMatch(error -> error.program().equals("unreached"));
    }
}
