package net.sniproxy.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.sniproxy.bpf.VerifierWalk.Visits;
import org.junit.jupiter.api.Test;

class VerifierWalkTest {
    private static final String LOG = """
            func#0 @0
            Live regs before insn:
                  0: .1........ (bf) r6 = r1
            0: R1=ctx() R10=fp0
            ; int a = 1; @ Filter.java:3
            0: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()
            1: (b7) r0 = 1                        ; R0_w=1
            2: (95) exit

            from 0 to 1: R6=ctx() R10=fp0
            1: (b7) r0 = 1                        ; R0_w=7
            2: (95) exit
            processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0
            """;

    @Test
    void shouldKeepTheFirstStatesOfEachInstructionAndCountItsVisits() {
        VerifierWalk walk = VerifierWalk.of(LOG);

        List<RegisterState> first = List.of(new RegisterState("r1", "ctx()"), new RegisterState("r6", "ctx()"));
        assertThat(walk.visits())
                .containsOnlyKeys(0, 1, 2)
                .containsEntry(0, new Visits(1, first))
                .containsEntry(1, new Visits(2, List.of(new RegisterState("r0", "1"))))
                .containsEntry(2, new Visits(2, List.of()));
    }
}
