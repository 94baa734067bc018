package net.sniproxy.bpf.compiler.back;

import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Trace;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.opt.EdgeSplitter;

/** From an optimised function to its code. */
public final class Backend {
    private Backend() {}

    /**
     * Generates the code of a function without unsupported constructs.
     *
     * @throws StackOverflow if its objects and spilled registers need more than 512 bytes
     */
    public static AssembledCode generate(Function function, CompileOptions options) {
        Legaliser.run(function, options.version4());
        StackSharing.run(function);
        EdgeSplitter.splitCritical(function);
        MachineFunction machine = Selector.select(function, options.version4());
        options.trace().stage(function.name(), Trace.Stage.SELECTED, machine::dump);
        RegisterAllocator.run(machine);
        TailMerger.run(machine);
        options.trace().stage(function.name(), Trace.Stage.ALLOCATED, machine::dump);
        int stack = new FrameLayout(machine.slotSizes()).size();
        if (stack > FrameLayout.MAX_SIZE) {
            throw new StackOverflow(stack);
        }
        return CodeEmitter.emit(machine, options);
    }

    /** The stack frame is too large. */
    public static final class StackOverflow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StackOverflow(int bytes) {
            super("the stack needs " + bytes + " bytes and may have " + FrameLayout.MAX_SIZE
                    + ": make buffers and objects smaller or fewer, or keep them in a per-CPU array");
        }
    }
}
