package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RegisterStateTest {
    private record Case(String log, String words) {}

    @Test
    void shouldSayInWordsWhatTheVerifierKnows() {
        List<Case> cases = List.of(
                new Case("R0_w=5", "r0 is 5"),
                new Case("R0_rw=0xffffffff", "r0 is 0xffffffff"),
                new Case("R6=-1", "r6 is -1"),
                new Case("R1=ctx()", "r1 is the context"),
                new Case("R10=fp0", "r10 is the address of the stack's end"),
                new Case("R2_w=fp-16", "r2 is the address of the stack at -16"),
                new Case("R0=pkt(r=14)", "r0 is byte 0 of the packet, which is checked up to byte 14"),
                new Case("R0=pkt(off=14,r=34)", "r0 is byte 14 of the packet, which is checked up to byte 34"),
                new Case(
                        "R3_w=pkt(id=7,off=20,r=0,smin=umin=20,smax=umax=60,var_off=(0x0; 0x3c))",
                        "r3 is somewhere in the packet at byte 40 to 80, and 0 bytes are checked there"),
                new Case(
                        "R2=pkt(id=1,r=0,smin=-1,smax=5)",
                        "r2 is somewhere in the packet at byte 0 to any, and 0 bytes are checked there"),
                new Case(
                        "R1=fp(off=-16,smin=0,smax=umax=31,var_off=(0x0; 0x1f))",
                        "r1 is on the stack at byte -16 to 15"),
                new Case(
                        "R0=map_value(map=FLOWS,ks=4,vs=24,off=12,smin=0,smax=umax=0x3f)",
                        "r0 is a value of map FLOWS at byte 12 to 75"),
                new Case("R1=pkt_end()", "r1 is the end of the packet"),
                new Case("R1_w=map_ptr(map=FLOWS,ks=36,vs=72)", "r1 is map FLOWS"),
                new Case("R0=map_value(map=FLOWS,ks=36,vs=72)", "r0 is a value of map FLOWS"),
                new Case("R0=map_value(map=FLOWS,ks=36,vs=72,off=8)", "r0 is a value of map FLOWS at byte 8"),
                new Case("R0=map_value_or_null(id=1,map=FLOWS,ks=36,vs=72)", "r0 is a value of map FLOWS, or null"),
                new Case("R2=sock_or_null(id=1)", "r2 is a sock, or null"),
                new Case("R0=scalar()", "r0 is any number"),
                new Case(
                        "R0_w=scalar(smin=smin32=0,smax=umax=smax32=umax32=0xffff,var_off=(0x0; 0xffff))",
                        "r0 is a number from 0 to 65535"),
                new Case("R0=scalar(id=3,smin=-4095,smax=0)", "r0 is a number from -4095 to 0"),
                new Case("fp-8_w=mmmmmmmm", "fp-8 is mmmmmmmm"),
                new Case("R1=some_new_thing(a=b)", "r1 is some_new_thing(a=b)"));
        for (Case each : cases) {
            assertThat(RegisterState.in("12: (bf) x ; " + each.log()).stream()
                            .map(RegisterState::words)
                            .toList())
                    .as(each.log())
                    .containsExactly(each.words());
        }
    }

    @Test
    void shouldFindAllStatesOfALine() {
        assertThat(RegisterState.in("R0=scalar(var_off=(0x0; 0xff)) R1_w=ctx() R10=fp0 fp-8=P"))
                .extracting(RegisterState::place)
                .containsExactly("r0", "r1", "r10", "fp-8");
    }
}
