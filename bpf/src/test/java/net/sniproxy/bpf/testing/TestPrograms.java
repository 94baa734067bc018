package net.sniproxy.bpf.testing;

import java.util.List;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.Instruction.Exit;
import net.sniproxy.bpf.asm.Instruction.MoveConstant;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;

/** Small programs for tests. */
public final class TestPrograms {
    private TestPrograms() {}

    /** A program that returns a constant. */
    public static ProgramSpec.Builder returning(String name, ProgramType type, int value) {
        return program(
                name,
                type,
                new Assembler()
                        .line("Returning.java", 1, 1, "return " + value + ";")
                        .add(new MoveConstant(Width.BITS_64, Register.R0, value), new Exit()));
    }

    /** A program of one function. */
    public static ProgramSpec.Builder program(String name, ProgramType type, Assembler code) {
        return ProgramSpec.named(name, type).code(code.assemble());
    }

    /** An object of one program and the maps that it uses. */
    public static ObjectSpec object(ProgramSpec program, MapSpec... maps) {
        return new ObjectSpec(List.of(maps), List.of(program));
    }
}
