package net.sniproxy.bpf.compiler.opt;

import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import org.jspecify.annotations.Nullable;

/**
 * A comparison on its way to a simpler form.
 *
 * @param condition what is asked
 * @param left the left operand
 * @param right the right operand; constants stand here
 */
record Comparison(Condition condition, Value left, Value right) {

    /** What a comparison came to. */
    sealed interface Outcome {}

    /** The answer is known. */
    record Known(boolean holds) implements Outcome {}

    /** It must be made at run time. */
    record Open(Comparison comparison) implements Outcome {}

    /** Simplifies until no rule applies. */
    static Outcome simplify(Function function, Ranges ranges, Condition condition, Value left, Value right) {
        Comparison current = new Comparison(condition, left, right);
        while (true) {
            Boolean answer = current.answer(ranges);
            if (answer != null) {
                return new Known(answer);
            }
            Comparison next = current.step(function, ranges);
            if (next == null) {
                return new Open(current);
            }
            current = next;
        }
    }

    private @Nullable Boolean answer(Ranges ranges) {
        if (left.isConstant() && right.isConstant()) {
            return condition.test(left.type(), left.constant(), right.constant());
        }
        if (left == right && condition != Condition.SET) {
            return condition.test(Type.I64, 0, 0);
        }
        if (left.type() == Type.POINTER) {
            return right.isConstant(0) && isAddress(left) ? condition.test(Type.I64, 1, 0) : null;
        }
        return byRange(ranges);
    }

    private static boolean isAddress(Value value) {
        return value.op() instanceof Op.StackAddress
                || value.op() instanceof Op.MapAddress
                || value.op() instanceof Op.Offset;
    }

    private @Nullable Boolean byRange(Ranges ranges) {
        if (!ranges.bounded(left) || !ranges.bounded(right)) {
            return null;
        }
        Ranges.Range a = ranges.of(left);
        Ranges.Range b = ranges.of(right);
        boolean positive = ranges.nonNegative(left) && ranges.nonNegative(right);
        if (condition.isSigned() && !positive) {
            return null;
        }
        return switch (condition.unsigned()) {
            case EQ -> a.max() < b.min() || a.min() > b.max() ? Boolean.FALSE : null;
            case NE -> a.max() < b.min() || a.min() > b.max() ? Boolean.TRUE : null;
            case ULT -> a.max() < b.min() ? Boolean.TRUE : a.min() >= b.max() ? Boolean.FALSE : null;
            case ULE -> a.max() <= b.min() ? Boolean.TRUE : a.min() > b.max() ? Boolean.FALSE : null;
            case UGT -> a.min() > b.max() ? Boolean.TRUE : a.max() <= b.min() ? Boolean.FALSE : null;
            case UGE -> a.min() >= b.max() ? Boolean.TRUE : a.max() < b.min() ? Boolean.FALSE : null;
            case SET, SLT, SLE, SGT, SGE -> null;
        };
    }

    private @Nullable Comparison step(Function function, Ranges ranges) {
        if (left.isConstant() && !right.isConstant()) {
            return new Comparison(condition.swap(), right, left);
        }
        if (condition.isSigned() && ranges.nonNegative(left) && ranges.nonNegative(right)) {
            return new Comparison(condition.unsigned(), left, right);
        }
        return switch (left.op()) {
            case Op.Compare(Condition inner) -> ofBoolean(inner);
            case Op.Compare3(boolean signed)
            when right.isConstant(0) ->
                new Comparison(signed ? condition : condition.unsigned(), left.argument(0), left.argument(1));
            case Op.ByteSwap(int bits) -> ofSwapped(function, ranges, bits);
            case Op.Extend(int bits, boolean signed)
            when bits == 32 && left.type() == Type.I64 -> ofExtended(function, signed);
            case Op.Binary(BinaryOperator operator) -> ofBinary(function, operator);
            default -> null;
        };
    }

    private @Nullable Comparison ofBoolean(Condition inner) {
        if (!right.isConstant(0) && !right.isConstant(1)) {
            return null;
        }
        return switch (condition) {
            case EQ -> new Comparison(right.isConstant(1) ? inner : inner.negate(), left.argument(0), left.argument(1));
            case NE -> new Comparison(right.isConstant(0) ? inner : inner.negate(), left.argument(0), left.argument(1));
            default -> null;
        };
    }

    /** Swaps the constant instead of the value. */
    private @Nullable Comparison ofSwapped(Function function, Ranges ranges, int bits) {
        if (condition != Condition.EQ && condition != Condition.NE) {
            return null;
        }
        Value source = left.argument(0);
        boolean narrow = bits == 64
                || bits == 32 && source.type() == Type.I32
                || ranges.of(source).max() >>> bits == 0;
        if (!narrow || source.type() != left.type()) {
            return null;
        }
        if (right.isConstant()) {
            return new Comparison(condition, source, function.constant(source.type(), swap(right.constant(), bits)));
        }
        boolean same = right.op() instanceof Op.ByteSwap(int other)
                && other == bits
                && right.argument(0).type() == source.type()
                && (bits != 16 || ranges.of(right.argument(0)).max() >>> bits == 0);
        return same ? new Comparison(condition, source, right.argument(0)) : null;
    }

    /** Reverses the low {@code bits / 8} bytes. */
    static long swap(long value, int bits) {
        return Long.reverseBytes(value) >>> 64 - bits;
    }

    private @Nullable Comparison ofExtended(Function function, boolean signed) {
        Value source = left.argument(0);
        Condition narrow = signed ? condition : condition.unsigned();
        if (right.isConstant()) {
            long number = right.constant();
            boolean fits = signed ? number == (int) number : number >= 0 && number <= 0xffff_ffffL;
            return fits ? new Comparison(narrow, source, function.constant(Type.I32, number)) : null;
        }
        boolean same = right.op() instanceof Op.Extend(int bits, boolean otherSigned)
                && bits == 32
                && otherSigned == signed
                && right.type() == Type.I64;
        return same ? new Comparison(narrow, source, right.argument(0)) : null;
    }

    private @Nullable Comparison ofBinary(Function function, BinaryOperator operator) {
        if (condition != Condition.EQ && condition != Condition.NE) {
            return null;
        }
        if (operator == BinaryOperator.SUB && right.isConstant(0)) {
            return new Comparison(condition, left.argument(0), left.argument(1));
        }
        if (!right.isConstant() || !left.argument(1).isConstant()) {
            return null;
        }
        long number = left.argument(1).constant();
        return switch (operator) {
            case ADD -> with(function, right.constant() - number);
            case XOR -> with(function, right.constant() ^ number);
            default -> null;
        };
    }

    private Comparison with(Function function, long number) {
        return new Comparison(condition, left.argument(0), function.constant(left.type(), number));
    }
}
