package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VerifierAdviceTest {
    private record Case(String verdict, String advice) {}

    @Test
    void shouldSayWhatAVerdictMeansAndWhatToDo() {
        List<Case> cases = List.of(
                new Case("R0 invalid mem access 'map_value_or_null'", "r0 is what a lookup gave and may be null"),
                new Case("R7 invalid mem access 'sock_or_null'", "r7 is a sock and may be null"),
                new Case("R2 invalid mem access 'scalar'", "r2 is a number here, not a pointer"),
                new Case(
                        "invalid access to packet, off=12 size=2, R3(id=0,off=12,r=4)",
                        "r3 points into the packet and 4 bytes from there are checked, but 2 are used at 12"),
                new Case(
                        "invalid access to map value, value_size=8 off=8 size=4",
                        "a value of the map has 8 bytes, but 4 are used at 8"),
                new Case("R1 unbounded memory access, make sure to bounds check", "r1 is an index"),
                new Case("R4 min value is negative, either use unsigned index", "r4 is an index"),
                new Case("math between pkt pointer and register with unbounded min value", "a pkt pointer is moved"),
                new Case("back-edge from insn 9 to 3", "the loop has no end that can be seen"),
                new Case("BPF program is too large. Processed 1000001 insn", "there are too many paths"),
                new Case("R6 !read_ok", "r6 is used where no path has set it"),
                new Case(
                        "program of this type cannot use helper bpf_redirect#23",
                        "bpf_redirect#23 is not for programs of this type"));
        for (Case each : cases) {
            assertThat(VerifierAdvice.of("0: (b7) r0 = 1\n" + each.verdict() + "\n"))
                    .as(each.verdict())
                    .startsWith("    " + each.advice());
        }
    }

    @Test
    void shouldNameTheLastJavaLineOfOldAndNewLogs() {
        assertThat(VerifierAdvice.of("; int a = 1; @ Filter.java:3\n0: r0 = 1\n; return b; @ Filter.java:4\nx\n"))
                .isEqualTo("    at Filter.java:4: return b;\n");
        assertThat(VerifierAdvice.of("; return b;\n1: r0 = 1\n")).isEqualTo("    at return b;\n");
    }

    @Test
    void shouldSayNothingAboutWhatItDoesNotKnow() {
        assertThat(VerifierAdvice.of("the moon is in the wrong phase\n")).isEmpty();
    }
}
