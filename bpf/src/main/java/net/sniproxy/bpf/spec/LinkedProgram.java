package net.sniproxy.bpf.spec;

import java.util.List;
import net.sniproxy.bpf.asm.Code;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.SourceLine;

/**
 * All functions of a program one after the other, as the kernel wants them.
 *
 * @param code      the program, then its functions; only maps are named
 * @param functions where each function starts, by ascending slots; the first is at 0
 * @param lines     source lines by ascending slots of the whole program
 */
public record LinkedProgram(Code code, List<FunctionStart> functions, List<SourceLine> lines) {

    /** A function and its first slot. */
    public record FunctionStart(int slot, FunctionSpec function) {}

    public LinkedProgram {
        functions = List.copyOf(functions);
        lines = List.copyOf(lines);
    }

    /** The code taken apart, anew at each call. */
    public List<Instruction> instructions() {
        return code.instructions();
    }
}
