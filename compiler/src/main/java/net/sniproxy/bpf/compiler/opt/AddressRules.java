package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Addresses and what is stored: constant distances go into offsets, and bits that are not stored are not made. */
final class AddressRules {
    private final Simplifier graph;

    AddressRules(Simplifier graph) {
        this.graph = graph;
    }

    /** Takes constant distances into the offset of a load or store, which {@code make} makes. */
    Value fold(Value value, int offset, IntFunction<Op> make) {
        return fold(value, offset, make, false);
    }

    Value fold(Value value, int offset, IntFunction<Op> make, boolean always) {
        if (StackBounds.outside(value)) {
            return value;
        }
        Value pointer = value.argument(0);
        List<Value> arguments = new ArrayList<>(value.arguments());
        int folded = offset;
        while (pointer.op() instanceof Op.Offset
                && pointer.argument(1).isConstant()
                && Math.abs(folded + pointer.argument(1).constant()) < Short.MAX_VALUE) {
            folded += (int) pointer.argument(1).constant();
            pointer = pointer.argument(0);
        }
        if (pointer != value.argument(0) || always) {
            arguments.set(0, pointer);
            value.become(make.apply(folded), arguments);
            graph.noteChange();
        }
        return value;
    }

    /** A store writes the low bytes only: what was done to the upper ones does not matter. */
    void narrowStored(Value store, int size) {
        Value stored = store.argument(1);
        Value source = stored;
        while (true) {
            boolean dropped = switch (source.op()) {
                case Op.Extend(int bits, var _) -> bits >= size * 8;
                case Op.Truncate _ -> size <= 4;
                case Op.Binary(BinaryOperator operator) ->
                    operator == BinaryOperator.AND
                            && size < 8
                            && source.argument(1).isConstant()
                            && (~source.argument(1).constant() & (1L << size * 8) - 1) == 0;
                default -> false;
            };
            if (!dropped || source.argument(0).type() != stored.type()) {
                break;
            }
            source = source.argument(0);
        }
        if (source != stored) {
            store.arguments().set(1, source);
            graph.noteChange();
        }
    }

    Value simplify(Value value) {
        Value pointer = value.argument(0);
        Value index = value.argument(1);
        if (index.isConstant(0)) {
            return pointer;
        }
        if (!(pointer.op() instanceof Op.Offset) || !pointer.argument(1).isConstant()) {
            return value;
        }
        if (index.isConstant()) {
            Value sum = graph.function().constant(Type.I64, pointer.argument(1).constant() + index.constant());
            return graph.make(value, new Op.Offset(), Type.POINTER, pointer.argument(0), sum);
        }
        // The constant comes last, so that loads can take it into their offset.
        Value moved = graph.make(value, new Op.Offset(), Type.POINTER, pointer.argument(0), index);
        return graph.make(value, new Op.Offset(), Type.POINTER, moved, pointer.argument(1));
    }
}
