package net.sniproxy.bpf.asm;

import static net.sniproxy.bpf.asm.Register.R0;
import static net.sniproxy.bpf.asm.Register.R1;
import static net.sniproxy.bpf.asm.Register.R2;
import static net.sniproxy.bpf.asm.Width.BITS_64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.Jump;
import net.sniproxy.bpf.asm.Instruction.JumpIfConstant;
import net.sniproxy.bpf.asm.Instruction.LoadConstant;
import net.sniproxy.bpf.asm.Instruction.LongJump;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import org.junit.jupiter.api.Test;

class AssemblerTest {
    private final Label start = Label.named("start");
    private final Label end = Label.named("end");

    @Test
    void shouldCountJumpsInSlotsFromTheNextInstruction() {
        AssembledCode code = new Assembler()
                .label(start)
                .jumpIf(BITS_64, Condition.EQ, R1, 0, end)
                .add(new LoadConstant(R2, 1L << 40))
                .jumpIf(BITS_64, Condition.GT, R1, R2, start)
                .mayGoto(end)
                .jump(start)
                .label(end)
                .add(new Exit())
                .assemble();

        assertThat(Disassembler.listing(code.instructions())).isEqualTo("""
                        0: if r1 == 0x0 goto pc+5
                        1: r2 = 0x10000000000
                        3: if r1 > r2 goto pc-4
                        4: may_goto pc+1
                        5: goto pc-6
                        6: exit
                        """);
    }

    @Test
    void shouldKeepTheLastLineOfASlot() {
        AssembledCode code = new Assembler()
                .line("A.java", 1, 2, "first")
                .line("A.java", 2, 3, "second")
                .add(new LoadConstant(R0, 0))
                .line("A.java", 3, 4, "third")
                .add(new Exit())
                .assemble();

        assertThat(code.lines())
                .containsExactly(
                        new SourceLine(0, "A.java", 2, 3, "second"), new SourceLine(2, "A.java", 3, 4, "third"));
    }

    @Test
    void shouldJumpAsFarAsSixteenBitsAllow() {
        AssembledCode code = far(32767).assemble();

        assertThat(code.instructions().getFirst())
                .isEqualTo(new JumpIfConstant(BITS_64, Condition.EQ, R1, 0, (short) 32767));
    }

    @Test
    void shouldRefuseFartherJumpsUnlessLongOnesAreAllowed() {
        assertThatThrownBy(() -> far(32768).assemble())
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessageContaining("jump at slot 0 to end is 32768 slots long");
    }

    @Test
    void shouldTakeTheWayOverALongJumpWhenAllowed() {
        AssembledCode code = far(32768).allowLongJumps().assemble();

        assertThat(code.instructions().subList(0, 3))
                .containsExactly(
                        new JumpIfConstant(BITS_64, Condition.EQ, R1, 0, (short) 1),
                        new Jump((short) 1),
                        new LongJump(32768));
    }

    @Test
    void shouldLengthenJumpsThatOthersPushApart() {
        Label beyond = Label.named("beyond");
        Assembler assembler = new Assembler().allowLongJumps();
        // The first jump has exactly the longest distance, until the second one inside of it must become longer.
        assembler.jumpIf(BITS_64, Condition.EQ, R1, 0, end).jumpIf(BITS_64, Condition.EQ, R1, 1, beyond);
        fill(assembler, 32766);
        assembler.label(end);
        fill(assembler, 10);
        assembler.label(beyond).add(new Exit());

        AssembledCode code = assembler.assemble();

        assertThat(code.instructions().get(2)).isEqualTo(new LongJump(3 + 32766));
        assertThat(code.instructions().get(5)).isEqualTo(new LongJump(32766 + 10));
    }

    @Test
    void shouldRefuseALabelWithTwoPlaces() {
        assertThatThrownBy(() -> new Assembler().label(start).label(start))
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessage("label start has a place already");
    }

    @Test
    void shouldRefuseALabelWithoutAPlace() {
        assertThatThrownBy(() -> new Assembler().jump(end).assemble())
                .isInstanceOf(BpfAssemblyException.class)
                .hasMessage("label end was jumped to but has no place");
    }

    private Assembler far(int slots) {
        Assembler assembler = new Assembler().jumpIf(BITS_64, Condition.EQ, R1, 0, end);
        fill(assembler, slots);
        return assembler.label(end).add(new Exit());
    }

    private static void fill(Assembler assembler, int slots) {
        for (int i = 0; i < slots; i++) {
            assembler.add(new MoveConstant(BITS_64, R0, i));
        }
    }
}
