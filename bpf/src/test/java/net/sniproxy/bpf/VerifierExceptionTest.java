package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sniproxy.bpf.sys.Errno;
import org.junit.jupiter.api.Test;

class VerifierExceptionTest {
    @Test
    void shouldShowTheLastLinesAndSayHowManyAreLeftOut() {
        String log = IntStream.rangeClosed(1, 20).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"))
                + "\n\nverification time 14 usec\nprocessed 3 insns (limit 1000000)\n";
        VerifierException failure = new VerifierException("BPF_PROG_LOAD", "program p", Errno.EACCES, "", log);

        assertThat(failure)
                .hasMessageStartingWith("program p: BPF_PROG_LOAD failed with EACCES: permission denied\n"
                        + "    (8 lines omitted)\n    line 9\n")
                .hasMessageEndingWith("    line 20");
        assertThat(failure.log()).isEqualTo(log);
    }

    @Test
    void shouldOmitNothingFromAShortLog() {
        assertThat(VerifierException.summary("R0 !read_ok\n")).isEqualTo("    R0 !read_ok");
        assertThat(VerifierException.summary("")).isEmpty();
    }
}
