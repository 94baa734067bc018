package net.sniproxy.bpf.compiler.opt;

import java.util.List;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Arithmetic with constants: folded, put together, and made of cheaper operations. */
final class ArithmeticRules {
    private final Simplifier graph;

    ArithmeticRules(Simplifier graph) {
        this.graph = graph;
    }

    Value simplify(Value value, BinaryOperator operator) {
        Value left = value.argument(0);
        Value right = value.argument(1);
        if (left.isConstant() && right.isConstant() && !(operator.divides() && right.isConstant(0))) {
            return graph.constant(value, operator.apply(value.type(), left.constant(), right.constant()));
        }
        if (left.isConstant() && operator.commutative()) {
            value.become(value.op(), List.of(right, left));
            graph.noteChange();
            return simplify(value, operator);
        }
        if (left == right) {
            switch (operator) {
                case SUB, XOR -> {
                    return graph.constant(value, 0);
                }
                case AND, OR -> {
                    return left;
                }
                default -> {}
            }
        }
        if (!right.isConstant()) {
            return unsignedDivision(value, operator);
        }
        return withConstant(value, operator, left, right.constant());
    }

    private Value withConstant(Value value, BinaryOperator operator, Value left, long number) {
        Type type = value.type();
        return switch (operator) {
            case ADD -> number == 0 ? left : reassociate(value, operator, left, number);
            case SUB ->
                number == Integer.MIN_VALUE || number == Long.MIN_VALUE
                        ? value
                        : graph.binary(value, BinaryOperator.ADD, type, left, graph.constant(value, -number));
            case OR, XOR -> number == 0 ? left : reassociate(value, operator, left, number);
            case AND -> and(value, left, number);
            case MUL -> multiply(value, left, number);
            case SHL, LSHR, ASHR -> {
                long count = number & (type == Type.I32 ? 31 : 63);
                // Java's counts are modulo the width; the verifier knows nothing of the result of a larger one.
                yield count == number
                        ? shift(value, operator, left, count)
                        : graph.binary(value, operator, type, left, graph.constant(value, count));
            }
            case UDIV ->
                isPowerOfTwo(number)
                        ? graph.binary(value, BinaryOperator.LSHR, type, left, exponent(value, number))
                        : value;
            case UMOD ->
                isPowerOfTwo(number)
                        ? graph.binary(value, BinaryOperator.AND, type, left, graph.constant(value, number - 1))
                        : value;
            case SDIV, SMOD -> unsignedDivision(value, operator);
        };
    }

    private Value unsignedDivision(Value value, BinaryOperator operator) {
        boolean signed = operator == BinaryOperator.SDIV || operator == BinaryOperator.SMOD;
        if (!signed
                || !graph.ranges().nonNegative(value.argument(0))
                || !graph.ranges().nonNegative(value.argument(1))) {
            return value;
        }
        BinaryOperator unsigned = operator == BinaryOperator.SDIV ? BinaryOperator.UDIV : BinaryOperator.UMOD;
        return graph.binary(value, unsigned, value.type(), value.argument(0), value.argument(1));
    }

    private static boolean isPowerOfTwo(long number) {
        return number > 0 && Long.bitCount(number) == 1;
    }

    private Value exponent(Value like, long number) {
        return graph.constant(like, Long.numberOfTrailingZeros(number));
    }

    private Value reassociate(Value value, BinaryOperator operator, Value left, long number) {
        boolean same = left.op() instanceof Op.Binary(BinaryOperator inner)
                && inner == operator
                && left.argument(1).isConstant();
        if (!same) {
            return value;
        }
        long folded = operator.apply(value.type(), left.argument(1).constant(), number);
        return graph.binary(value, operator, value.type(), left.argument(0), graph.constant(value, folded));
    }

    private Value and(Value value, Value left, long number) {
        Type type = value.type();
        if (number == 0) {
            return graph.constant(value, 0);
        }
        boolean mask = number > 0 && (number & number + 1) == 0;
        if (number == -1
                || mask
                        && graph.ranges().bounded(left)
                        && graph.ranges().of(left).max() <= number) {
            return left;
        }
        switch (left.op()) {
            case Op.Load(int size, boolean signed, int offset)
            when signed && graph.uses(left) == 1 && number > 0 && size < 8 && number < 1L << size * 8 -> {
                left.become(new Op.Load(size, false, offset), List.copyOf(left.arguments()));
                graph.noteChange();
                return number == (1L << size * 8) - 1 ? left : value;
            }
            case Op.Extend(int bits, boolean _)
            when bits < 32 && left.argument(0).type() == type && number > 0 && number < 1L << bits -> {
                return graph.binary(value, BinaryOperator.AND, type, left.argument(0), graph.constant(value, number));
            }
            case Op.Extend(int bits, boolean _)
            when bits == 32 && type == Type.I64 && number == 0xffff_ffffL -> {
                return graph.make(value, new Op.Extend(32, false), type, left.argument(0));
            }
            case Op.Extend(int bits, boolean _)
            when bits == 32 && type == Type.I64 && number > 0 && number <= Integer.MAX_VALUE -> {
                Value narrow = graph.binary(
                        value,
                        BinaryOperator.AND,
                        Type.I32,
                        left.argument(0),
                        graph.function().constant(Type.I32, number));
                return graph.make(value, new Op.Extend(32, false), type, narrow);
            }
            default -> {
                if (number == 0xffff_ffffL && type == Type.I64) {
                    return graph.make(
                            value,
                            new Op.Extend(32, false),
                            type,
                            graph.make(value, new Op.Truncate(), Type.I32, left));
                }
                return reassociate(value, BinaryOperator.AND, left, number);
            }
        }
    }

    private Value multiply(Value value, Value left, long number) {
        if (number == 0) {
            return graph.constant(value, 0);
        }
        if (number == 1) {
            return left;
        }
        return isPowerOfTwo(number)
                ? graph.binary(value, BinaryOperator.SHL, value.type(), left, exponent(value, number))
                : reassociate(value, BinaryOperator.MUL, left, number);
    }

    private Value shift(Value value, BinaryOperator operator, Value left, long count) {
        if (count == 0) {
            return left;
        }
        int width = value.type() == Type.I32 ? 32 : 64;
        if (left.op() instanceof Op.Binary(BinaryOperator inner)
                && left.argument(1).isConstant()) {
            long first = left.argument(1).constant() & width - 1;
            if (inner == operator) {
                long sum = first + count;
                if (sum >= width && operator != BinaryOperator.ASHR) {
                    return graph.constant(value, 0);
                }
                return graph.binary(
                        value,
                        operator,
                        value.type(),
                        left.argument(0),
                        graph.constant(value, Math.min(sum, width - 1)));
            }
            if (inner == BinaryOperator.SHL && first == count && operator == BinaryOperator.LSHR) {
                return width - count == 32 && width == 64
                        ? graph.make(
                                value,
                                new Op.Extend(32, false),
                                Type.I64,
                                graph.make(value, new Op.Truncate(), Type.I32, left.argument(0)))
                        : mask(value, left.argument(0), width - count);
            }
            if (inner == BinaryOperator.SHL
                    && first == count
                    && operator == BinaryOperator.ASHR
                    && (width - count == 8 || width - count == 16)) {
                return graph.make(value, new Op.Extend((int) (width - count), true), value.type(), left.argument(0));
            }
        }
        if (operator == BinaryOperator.ASHR && graph.ranges().nonNegative(left)) {
            return graph.binary(value, BinaryOperator.LSHR, value.type(), left, graph.constant(value, count));
        }
        return value;
    }

    private Value mask(Value value, Value source, long bits) {
        // A mask of more than 31 bits would need a register of its own.
        return bits <= 31
                ? graph.binary(value, BinaryOperator.AND, value.type(), source, graph.constant(value, (1L << bits) - 1))
                : value;
    }
}
