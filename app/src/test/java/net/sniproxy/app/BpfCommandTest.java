package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import net.sniproxy.app.Cli.Result;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpfCommandTest {
    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void workInAFolder() {
        cli = new Cli(folder);
    }

    @Test
    void shouldShowInstructionsBelowTheirJavaLines() throws Exception {
        Result dump = cli.run("bpf", "dump", "xdp_ip_filter");

        assertThat(dump.err()).isEmpty();
        assertThat(dump.exitCode()).isZero();
        assertThat(dump.out())
                .startsWith("xdp_ip_filter, code:\n; ")
                .containsPattern("; XdpIpFilter\\.java:\\d+ {2}\\S.*\n {4}\\d+: ")
                .containsPattern("\n {4}\\d+: call bpf_map_lookup_elem#1\n")
                .endsWith(": exit\n");
    }

    @Test
    void shouldShowEveryStage() throws Exception {
        record Case(String stage, String shows) {}
        List<Case> cases = List.of(
                new Case("ssa", "b0:"),
                new Case("optimised", "b0:"),
                new Case("selected", "%1"),
                new Case("allocated", "call lookup#1"));
        for (Case each : cases) {
            Result dump = cli.run("bpf", "dump", "xdp_ip_filter", "--stage", each.stage());
            assertThat(dump.exitCode()).as(dump.err()).isZero();
            assertThat(dump.out())
                    .startsWith("xdp_ip_filter, " + each.stage() + ":\n")
                    .contains(each.shows());
        }
    }

    @KernelTest
    @Test
    void shouldShowWhatTheVerifierKnowsBesideJavaLinesAndInstructions() throws Exception {
        Result dump = cli.run("bpf", "dump", "xdp_ip_filter", "--stage", "verified");

        assertThat(dump.exitCode()).as(dump.err()).isZero();
        assertThat(dump.out())
                .startsWith("xdp_ip_filter, verified:\n; ")
                .containsPattern("; XdpIpFilter\\.java:\\d+ {2}\\S.*\n {4}\\d+: ")
                .containsPattern("\n {4}\\d+: \\S.* {2}; r\\d is the context")
                .containsPattern("r\\d is byte \\d+ of the packet, which is checked up to byte \\d+")
                .containsPattern("call bpf_map_lookup_elem#1 +; r0 is a value of map \\w+, or null")
                .containsPattern("\\(\\d+ times\\)\n");
    }

    @Test
    void shouldNameThePrograms() throws Exception {
        Result dump = cli.run("bpf", "dump", "xdp_filter");

        assertThat(dump.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(dump.err())
                .contains("no kernel program is called 'xdp_filter'; there are xdp_ip_filter, ")
                .contains("tc_splice");
    }

    @Test
    void shouldRefuseAnotherStage() throws Exception {
        Result dump = cli.run("bpf", "dump", "xdp_ip_filter", "--stage", "asm");

        assertThat(dump.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(dump.err()).contains("ssa, optimised, selected, allocated, code, verified");
    }
}
