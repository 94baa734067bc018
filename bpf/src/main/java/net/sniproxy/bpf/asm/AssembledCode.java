package net.sniproxy.bpf.asm;

import java.util.List;

/** What an {@link Assembler} gives: a function's instructions and the source lines they come from. */
public record AssembledCode(List<Instruction> instructions, List<SourceLine> lines) {
    public AssembledCode {
        instructions = List.copyOf(instructions);
        lines = List.copyOf(lines);
    }
}
