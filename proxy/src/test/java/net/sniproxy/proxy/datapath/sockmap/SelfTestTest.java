package net.sniproxy.proxy.datapath.sockmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.link.Attachment;
import net.sniproxy.bpf.link.Sockmaps;
import net.sniproxy.bpf.link.Tracepoints;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The self-test in the running kernel (needs root), whole and with a part of the machinery missing. */
class SelfTestTest {
    private final Kernel kernel = Kernel.running();
    private final LoadedPrograms programs = new LoadedPrograms(kernel, CompileOptions.defaults());
    private final LoadedObject object = programs.load(SockmapService.programs());
    private final SockmapTables tables;

    SelfTestTest() throws SockmapUnavailableException {
        tables = new SockmapTables(object, SelfTest.MOST_HELD, SockmapService.sequenceOffset());
    }

    @AfterEach
    void unload() {
        programs.close();
    }

    private Attachment consumption() {
        return Tracepoints.attach(kernel, object.program("count_consumed"));
    }

    private Attachment redirection() {
        return Sockmaps.attach(kernel, object.program("redirect_msg"), object.map("SOCK_MAP"));
    }

    private List<Outcome> run() {
        return new SelfTest(kernel, tables).run();
    }

    @Test
    void shouldPassOnThisKernel() {
        try (Attachment _ = consumption();
                Attachment _ = redirection()) {
            assertThat(run())
                    .isEqualTo(List.of(
                            new Outcome(Check.ORDER, ""),
                            new Outcome(Check.WAKE_UP, ""),
                            new Outcome(Check.QUEUED_DATA, ""),
                            new Outcome(Check.HALF_CLOSE, ""),
                            new Outcome(Check.RESET, ""),
                            new Outcome(Check.LIMIT, "")));
        }
    }

    @Test
    void shouldNoticeThatNothingIsRedirected() {
        try (Attachment _ = consumption()) {
            assertThat(failures(run()))
                    .containsExactly(
                            "order: 0 bytes were redirected", "limit: 0 bytes were redirected at a limit of 1000");
        }
    }

    @Test
    void shouldNoticeThatReadersAreNotCounted() {
        try (Attachment _ = redirection()) {
            assertThat(failures(run()))
                    .containsExactly(
                            "order: 64000 bytes count as unread after they were read",
                            "limit: the direction did not come back from TCP when all was read");
        }
    }

    private static List<String> failures(List<Outcome> outcomes) {
        return outcomes.stream()
                .filter(outcome -> !outcome.passed())
                .map(outcome -> outcome.check().label() + ": " + outcome.failure())
                .toList();
    }
}
