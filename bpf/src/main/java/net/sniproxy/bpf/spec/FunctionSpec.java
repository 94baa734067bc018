package net.sniproxy.bpf.spec;

import java.util.List;
import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.SourceLine;

/**
 * A function of a program. Other functions are called by name, maps are loaded by name.
 *
 * @param name         unique in its program
 * @param prototype    for BTF: the verifier of static functions does not look at it
 * @param instructions the code, with slots counted from its start
 * @param lines        where the code comes from, by ascending slots; may be empty
 */
public record FunctionSpec(String name, Prototype prototype, List<Instruction> instructions, List<SourceLine> lines) {
    public FunctionSpec {
        Names.requireIdentifier("function", name);
        instructions = List.copyOf(instructions);
        lines = List.copyOf(lines);
        if (instructions.isEmpty()) {
            throw new IllegalArgumentException("function " + name + " has no instructions");
        }
    }

    public FunctionSpec(String name, Prototype prototype, AssembledCode code) {
        this(name, prototype, code.instructions(), code.lines());
    }
}
