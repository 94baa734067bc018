package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.asm.Instruction;

/**
 * A program to be loaded.
 *
 * @param name         name in C; the kernel keeps the first 15 characters
 * @param type         kind of program
 * @param attachType   where it will be attached, for the types that must know it at load
 * @param attachTarget for tracing: name of the tracepoint or function in the kernel's BTF
 * @param license      {@code "GPL"} opens the helpers that are for GPL programs only
 * @param functions    the program itself, then the functions that it calls; if one of them has source lines, each
 *     has one at its start
 */
public record ProgramSpec(
        String name,
        ProgramType type,
        Optional<AttachType> attachType,
        Optional<String> attachTarget,
        String license,
        List<FunctionSpec> functions) {

    public ProgramSpec {
        functions = withLines(functions);
        Names.requireIdentifier("program", name);
        if (functions.isEmpty()) {
            throw new IllegalArgumentException("program " + name + " has no function");
        }
        if ((type == ProgramType.TRACING) != attachTarget.isPresent()) {
            throw new IllegalArgumentException("program " + name + ": "
                    + (attachTarget.isPresent() ? type + " has no attach target" : type + " needs an attach target"));
        }
    }

    /** The kernel wants a line at the start of every function, or no lines at all. */
    private static List<FunctionSpec> withLines(List<FunctionSpec> functions) {
        boolean without =
                functions.stream().allMatch(function -> function.lines().isEmpty());
        return without
                ? List.copyOf(functions)
                : functions.stream().map(FunctionSpec::withLineAtStart).toList();
    }

    /** A program of this name, with no functions yet, under the GPL. */
    public static Builder named(String name, ProgramType type) {
        return new Builder(name, type);
    }

    /**
     * One list of instructions, with the calls between functions resolved; loads of maps stay symbolic.
     *
     * @throws net.sniproxy.bpf.asm.BpfAssemblyException if a called function is missing
     */
    public LinkedProgram link() {
        return Linker.link(this);
    }

    /** Collects what a program is made of. Not for use by several threads. */
    public static final class Builder {
        private final String name;
        private final ProgramType type;
        private final List<FunctionSpec> functions = new ArrayList<>();
        private Optional<AttachType> attachType = Optional.empty();
        private Optional<String> attachTarget = Optional.empty();
        private String license = "GPL";

        private Builder(String name, ProgramType type) {
            this.name = name;
            this.type = type;
        }

        public Builder attachType(AttachType attach) {
            attachType = Optional.of(attach);
            return this;
        }

        /** Name of the tracepoint, for {@code tp_btf}, or of the function. */
        public Builder attachTarget(String target) {
            attachTarget = Optional.of(target);
            return this;
        }

        /** By default {@code "GPL"}. */
        public Builder license(String newLicense) {
            license = newLicense;
            return this;
        }

        /** The first one is the program, the others are what it calls. */
        public Builder function(FunctionSpec function) {
            functions.add(function);
            return this;
        }

        /** The program's own code, without source lines. */
        public Builder code(Instruction... instructions) {
            return code(new AssembledCode(List.of(instructions), List.of()));
        }

        /** The program's own code. */
        public Builder code(AssembledCode code) {
            return function(new FunctionSpec(name, Prototype.ofProgram(type), code));
        }

        public ProgramSpec build() {
            return new ProgramSpec(name, type, attachType, attachTarget, license, functions);
        }
    }
}
