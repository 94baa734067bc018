package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import net.sniproxy.bpf.asm.Disassembler;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariantTest {
    private static String code(Class<?> program, boolean counting, boolean tracing) {
        CompileOptions options = CompileOptions.defaults().withConstants(Variant.constants(counting, tracing));
        return Compiler.compile(options, program).programs().stream()
                .flatMap(each -> each.functions().stream())
                .flatMap(function -> function.instructions().stream())
                .map(Disassembler::text)
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @ValueSource(classes = {XdpIpFilter.class, TcSplice.class, RedirectMsg.class, SocketEnrolment.class})
    void shouldTraceOnlyWhereThatIsOn(Class<?> program) {
        assertThat(code(program, true, true)).contains("trace_printk");
        assertThat(code(program, true, false)).isNotEmpty().doesNotContain("trace_printk");
    }

    @ParameterizedTest
    @ValueSource(classes = {TcSplice.class, RedirectMsg.class})
    void shouldLeaveOutTheCountingWhereThatIsOff(Class<?> program) {
        assertThat(code(program, false, false).lines().count())
                .isLessThan(code(program, true, false).lines().count());
    }

    @Test
    void shouldAskForNoConstantsInTheUsualCase() {
        assertThat(Variant.constants(true, false)).isEmpty();
    }
}
