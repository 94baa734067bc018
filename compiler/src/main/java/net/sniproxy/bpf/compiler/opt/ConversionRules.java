package net.sniproxy.bpf.compiler.opt;

import java.util.List;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Byte orders, widths and comparisons: those of constants are folded, and those that change nothing go. */
final class ConversionRules {
    private final Simplifier graph;

    ConversionRules(Simplifier graph) {
        this.graph = graph;
    }

    Value swap(Value value, int bits) {
        Value source = value.argument(0);
        if (source.isConstant()) {
            return graph.constant(value, Comparison.swap(source.constant(), bits));
        }
        boolean twice = source.op() instanceof Op.ByteSwap(int inner) && inner == bits;
        if (twice && source.argument(0).type() == value.type()) {
            Value original = source.argument(0);
            return bits == (value.type() == Type.I32 ? 32 : 64)
                    ? original
                    : graph.binary(
                            value, BinaryOperator.AND, value.type(), original, graph.constant(value, (1L << bits) - 1));
        }
        return value;
    }

    Value extend(Value value, int bits, boolean signed) {
        Value source = value.argument(0);
        if (source.isConstant()) {
            return graph.constant(value, extended(source.constant(), bits, signed));
        }
        if (source.type() == value.type()) {
            return extendInPlace(value, source, bits, signed);
        }
        if (bits == 32 && signed && graph.ranges().nonNegative(source)) {
            return graph.make(value, new Op.Extend(32, false), Type.I64, source);
        }
        if (source.op() instanceof Op.Truncate) {
            Value original = source.argument(0);
            long limit = signed ? Integer.MAX_VALUE : 0xffff_ffffL;
            return graph.ranges().of(original).max() <= limit ? original : value;
        }
        return value;
    }

    private Value extendInPlace(Value value, Value source, int bits, boolean signed) {
        long limit = (1L << (signed ? bits - 1 : bits)) - 1;
        if (graph.ranges().bounded(source) && graph.ranges().of(source).max() <= limit) {
            return source;
        }
        boolean exact = source.op() instanceof Op.Load(int size, boolean loadSigned, var _)
                && loadSigned
                && signed
                && size * 8 <= bits;
        boolean again = source.op() instanceof Op.Extend(int inner, boolean innerSigned)
                && innerSigned
                && signed
                && inner <= bits;
        if (exact || again) {
            return source;
        }
        return signed || bits == 32
                ? value
                : graph.binary(value, BinaryOperator.AND, value.type(), source, graph.constant(value, limit));
    }

    static long extended(long number, int bits, boolean signed) {
        int shift = 64 - bits;
        return signed ? number << shift >> shift : number << shift >>> shift;
    }

    Value truncate(Value value) {
        Value source = value.argument(0);
        return switch (source.op()) {
            case Op.Constant(long number) -> graph.constant(value, number);
            case Op.Extend(int bits, var _)
            when bits == 32 && source.argument(0).type() == Type.I32 -> source.argument(0);
            case Op.Binary(BinaryOperator operator)
            when narrows(operator)
                    && graph.uses(source) == 1
                    && narrow(source.argument(0))
                    && narrow(source.argument(1)) ->
                graph.binary(
                        value,
                        operator,
                        Type.I32,
                        truncated(value, source.argument(0)),
                        truncated(value, source.argument(1)));
            default -> value;
        };
    }

    private static boolean narrows(BinaryOperator operator) {
        return switch (operator) {
            case ADD, SUB, MUL, AND, OR, XOR -> true;
            case SDIV, SMOD, UDIV, UMOD, SHL, LSHR, ASHR -> false;
        };
    }

    private static boolean narrow(Value value) {
        return value.isConstant()
                || value.op() instanceof Op.Extend(int bits, var _)
                        && bits == 32
                        && value.argument(0).type() == Type.I32;
    }

    private Value truncated(Value like, Value value) {
        return graph.make(like, new Op.Truncate(), Type.I32, value);
    }

    Value compare(Value value, Condition condition) {
        return switch (Comparison.simplify(
                graph.function(), graph.ranges(), condition, value.argument(0), value.argument(1))) {
            case Comparison.Known(boolean holds) -> graph.constant(value, holds ? 1 : 0);
            case Comparison.Open(Comparison open) -> {
                if (open.condition() != condition
                        || open.left() != value.argument(0)
                        || open.right() != value.argument(1)) {
                    value.become(new Op.Compare(open.condition()), List.of(open.left(), open.right()));
                    graph.noteChange();
                }
                yield value;
            }
        };
    }
}
