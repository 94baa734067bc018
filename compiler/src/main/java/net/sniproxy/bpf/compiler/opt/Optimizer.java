package net.sniproxy.bpf.compiler.opt;

import java.util.List;
import java.util.function.Predicate;
import net.sniproxy.bpf.compiler.ir.Function;

/** Runs the passes in turn until none of them finds anything to do. */
public final class Optimizer {
    /** In this order, over and over. Each says whether it has changed anything. */
    private static final List<Predicate<Function>> PASSES = List.of(
            DeadCode::run,
            Simplifier::run,
            ControlFlow::run,
            JumpThreading::run,
            ValueNumbering::run,
            StackPromotion::run,
            DeadStores::run);
    /** Far more rounds than any program needs: a bound, so that two passes that undo each other cannot hang. */
    private static final int MAX_ROUNDS = 40;

    private Optimizer() {}

    /** Optimises the function in place. */
    public static void run(Function function) {
        function.removeUnreachable();
        int idle = 0;
        for (int i = 0; idle < PASSES.size() && i < MAX_ROUNDS * PASSES.size(); i++) {
            boolean changed = PASSES.get(i % PASSES.size()).test(function);
            idle = changed ? 0 : idle + 1;
        }
        DeadCode.run(function);
        CopyPlacement.run(function);
    }
}
