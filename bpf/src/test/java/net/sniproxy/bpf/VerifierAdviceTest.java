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
                new Case("R1 unbounded memory access, make sure to bounds check", "r1 was moved by an index"),
                new Case("R4 min value is negative, either use unsigned index", "r4 was moved by an index"),
                new Case(
                        "invalid access to map value, value_size=24 off=75 size=1\nR0 max value is outside of the allowed"
                                + " memory range",
                        "a value of the map has 24 bytes, but 1 are used at 75"),
                new Case(
                        "invalid access to memory, mem_size=8 off=9 size=1",
                        "the object has 8 bytes, but 1 are used at 9"),
                new Case("math between pkt pointer and register with unbounded min value", "a pkt pointer is moved"),
                new Case("back-edge from insn 9 to 3", "the loop has no end that can be seen"),
                new Case("BPF program is too large. Processed 1000001 insn", "there are too many paths"),
                new Case("R6 !read_ok", "r6 is used where no path has set it"),
                new Case(
                        "program of this type cannot use helper bpf_redirect#23",
                        "bpf_redirect#23 is not for programs of this type"),
                new Case("R2 type=scalar expected=fp, pkt", "r2 is a scalar, but the helper takes a fp, pkt"),
                new Case("invalid bpf_context access off=200 size=4", "the context has no field of 4 bytes at 200"),
                new Case(
                        "dereference of modified ctx ptr R1 off=4 disallowed",
                        "the address of the context was changed"),
                new Case(
                        "R0 pointer arithmetic on map_value_or_null prohibited, null-check it first",
                        "r0 is a map_value_or_null, to which nothing can be added"),
                new Case(
                        "misaligned stack access off (0x0; 0x0)+0+-7 size 4",
                        "4 bytes of the stack are used where they are not aligned"),
                new Case(
                        "combined stack size of 2 calls is 576. Too large",
                        "the program and the functions that it calls"),
                new Case("R3 leaks addr into map", "r3 is an address, which must not leave the program"),
                new Case("helper access to the packet is not allowed", "this helper takes no packet pointer"));
        for (Case each : cases) {
            assertThat(VerifierAdvice.of("0: (b7) r0 = 1\n" + each.verdict() + "\n"))
                    .as(each.verdict())
                    .startsWith("    " + each.advice());
        }
    }

    @Test
    void shouldSayWhatIsInTheRegisterOfTheVerdict() {
        String log = """
                3: (61) r2 = *(u32 *)(r1 +0)          ; R1=ctx() R2_w=scalar(smin=0,umax=0xff)
                4: (0f) r0 += r2                      ; R0_w=scalar() R2_w=scalar(smin=0,umax=0xff,var_off=(0x0; 0xff))
                R2 unbounded memory access, make sure to bounds check any such access
                processed 5 insns (limit 1000000)
                """;

        assertThat(VerifierAdvice.of(log)).endsWith("\n    r2 is a number from 0 to 255\n");
    }

    @Test
    void shouldTellNullFromWhatACallHasDestroyed() {
        assertThat(VerifierAdvice.of("3: (b7) r0 = 0 ; R0_w=0\nR0 invalid mem access 'scalar'\n"))
                .startsWith("    r0 is null on this path: ")
                .endsWith("\n    r0 is 0\n");
        assertThat(VerifierAdvice.of("3: (bf) r7 = r1 ; R7=pkt(r=34)\n9: (85) call bpf_skb_pull_data#39 ; R0=scalar()\n"
                        + "R7 invalid mem access 'scalar'\n"))
                .startsWith("    r7 is a number here, not a pointer: ")
                .doesNotContain("34");
    }

    @Test
    void shouldSayWhyACheckOfThePacketDoesNotCount() {
        String log = """
                11: (2d) if r0 > r1 goto pc-7         ; R2=pkt(id=1,r=0,umin=%s,umax=%s) R1=pkt_end()
                invalid access to packet, off=2 size=2, R2(id=1,off=2,r=0)
                R2 offset is outside of the packet
                """;

        assertThat(VerifierAdvice.of(log.formatted("0", "0xffffffff")))
                .startsWith(
                        "    r2 may be so far behind the packet's start that no check counts: keep the distance below");
        assertThat(VerifierAdvice.of(log.formatted("14", "74")))
                .startsWith("    r2 points into the packet and 0 bytes");
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
