package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.asm.Code;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.SourceLine;

/**
 * A function of a program. Other functions are called by name, maps are loaded by name.
 *
 * @param name         unique in its program
 * @param prototype    for BTF: the verifier of static functions does not look at it
 * @param code         its instructions
 * @param lines        where the code comes from, by ascending slots; may be empty
 * @param global       whether the verifier checks it once and apart from its callers, by its prototype alone; the
 *                     program's own function always is
 */
public record FunctionSpec(String name, Prototype prototype, Code code, List<SourceLine> lines, boolean global) {
    public FunctionSpec {
        Names.requireIdentifier("function", name);
        lines = List.copyOf(lines);
        if (code.slots() == 0) {
            throw new IllegalArgumentException("function " + name + " has no instructions");
        }
        int next = 0;
        for (SourceLine line : lines) {
            if (line.slot() < next) {
                throw new IllegalArgumentException("function " + name + ": slots of source lines must ascend, but "
                        + line + " follows slot " + (next - 1));
            }
            next = line.slot() + 1;
        }
        if (next > code.slots()) {
            throw new IllegalArgumentException(
                    "function " + name + " ends before its last source line " + lines.getLast());
        }
    }

    /** As an {@link net.sniproxy.bpf.asm.Assembler} gives it, checked together with each of its callers. */
    public FunctionSpec(String name, Prototype prototype, AssembledCode code) {
        this(name, prototype, Code.of(code.instructions()), code.lines(), false);
    }

    /** A function that is checked together with each of its callers. */
    public FunctionSpec(String name, Prototype prototype, List<Instruction> instructions, List<SourceLine> lines) {
        this(name, prototype, Code.of(instructions), lines, false);
    }

    /** The code taken apart, anew at each call; slots count from its start. */
    public List<Instruction> instructions() {
        return code.instructions();
    }

    /** The same, checked once and apart from its callers. Since Linux 5.6; with pointers to structs, 5.12. */
    public FunctionSpec checkedApart() {
        return new FunctionSpec(name, prototype, code, lines, true);
    }

    /** The same function with a source line, if only its name, for its first instruction. */
    FunctionSpec withLineAtStart() {
        if (!lines.isEmpty() && lines.getFirst().slot() == 0) {
            return this;
        }
        List<SourceLine> more = new ArrayList<>(lines);
        more.addFirst(new SourceLine(0, "", 0, 0, name));
        return new FunctionSpec(name, prototype, code, more, global);
    }
}
