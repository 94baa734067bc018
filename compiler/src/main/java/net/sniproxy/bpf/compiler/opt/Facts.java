package net.sniproxy.bpf.compiler.opt;

import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Dominators;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Value;

/** What branches on the way to a block have shown about values. Valid until the graph changes. */
public final class Facts {
    private final Dominators dominators;
    private final Ranges ranges;

    /** For one function as it is now. */
    public Facts(Function function) {
        this.dominators = new Dominators(function);
        this.ranges = Ranges.exact(dominators.order());
    }

    /** Whether {@code value} is certainly other than zero in {@code block}. */
    public boolean nonZero(Block block, Value value) {
        Value source = value.op() instanceof Op.Extend ? value.argument(0) : value;
        if (ranges.nonZero(value) || ranges.nonZero(source)) {
            return true;
        }
        Block at = block;
        for (Block above = dominators.immediate(at); above != null; above = dominators.immediate(at)) {
            boolean only = at.predecessors().size() == 1;
            if (only && above.terminator() instanceof Terminator.Branch branch) {
                boolean taken = branch.then() == at;
                if ((branch.left() == value || branch.left() == source) && excludesZero(branch, taken)) {
                    return true;
                }
            }
            at = above;
        }
        return false;
    }

    private boolean excludesZero(Terminator.Branch branch, boolean taken) {
        if (branch.condition() == Condition.SET) {
            return taken;
        }
        Condition holds = taken ? branch.condition() : branch.condition().negate();
        Ranges.Range right = ranges.of(branch.right());
        return switch (holds) {
            case NE -> branch.right().isConstant(0);
            case EQ, UGE, ULE, ULT, SLT, SLE, SGE, SGT, UGT, SET -> excludes(holds, branch.right(), right);
        };
    }

    private boolean excludes(Condition holds, Value bound, Ranges.Range range) {
        return switch (holds) {
            case UGT -> true;
            case UGE, EQ -> range.min() > 0;
            case SGT -> ranges.nonNegative(bound);
            case SGE -> ranges.nonNegative(bound) && range.min() > 0;
            case SLT -> bound.isConstant() && bound.constant() <= 0;
            case SLE -> bound.isConstant() && bound.constant() < 0;
            case NE, ULT, ULE, SET -> false;
        };
    }
}
