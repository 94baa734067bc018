package net.sniproxy.bpf.compiler.opt;

import net.sniproxy.bpf.compiler.ir.Function;

/** Runs the passes until none of them finds anything to do. */
public final class Optimizer {
    /** Far more rounds than any program needs: a bound, so that two passes that undo each other cannot hang. */
    private static final int MAX_ROUNDS = 40;

    private Optimizer() {}

    /** Optimises the function in place. */
    public static void run(Function function) {
        function.removeUnreachable();
        boolean changed = true;
        for (int round = 0; changed && round < MAX_ROUNDS; round++) {
            changed = DeadCode.run(function);
            changed |= Simplifier.run(function);
            changed |= ControlFlow.run(function);
            changed |= JumpThreading.run(function);
            changed |= ValueNumbering.run(function);
            changed |= StackPromotion.run(function);
            changed |= DeadStores.run(function);
        }
        DeadCode.run(function);
    }
}
