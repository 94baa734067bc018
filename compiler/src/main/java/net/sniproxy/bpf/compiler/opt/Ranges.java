package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of integers, as unsigned numbers in the width of their type. Looks through arithmetic, masks, loads, φs and
 * counting loops. Results are kept for the life of the object: make a new one when the graph has changed.
 *
 * <p>Unless made by {@link #exact}, it claims no more than the verifier finds out itself: a mask or a check that bounds
 * an index must stay, although we could prove it superfluous, where the verifier could not.
 */
public final class Ranges {
    private static final int MAX_DEPTH = 24;

    private final boolean exact;
    private final Map<Value, Range> known = new HashMap<>();

    /** Bounds that the verifier finds too. */
    public Ranges() {
        this(false);
    }

    private Ranges(boolean exact) {
        this.exact = exact;
    }

    /** All bounds that can be proven, for questions whose answer the verifier need not understand. */
    static Ranges exact(Iterable<Block> blocks) {
        return new Ranges(true).noteLoops(blocks);
    }

    /**
     * The values from {@code min} to {@code max}, both included, 0 ≤ min ≤ max. What does not fit into 63 bits is
     * {@link #full}.
     */
    public record Range(long min, long max) {
        /** Everything that {@code type} can hold; for 64 bits {@code max} stands for "no bound". */
        static Range full(Type type) {
            return new Range(0, type == Type.I32 ? 0xffff_ffffL : Long.MAX_VALUE);
        }
    }

    /** The bounds of {@code value}; for {@code long}s without a known bound {@link #bounded} is false. */
    public Range of(Value value) {
        return of(value, 0);
    }

    /** Whether the range of a 64-bit value means anything: that the value is not negative. */
    public boolean bounded(Value value) {
        return value.type() == Type.I32 || of(value).max() != Long.MAX_VALUE;
    }

    /** Whether it is proven that {@code value} is zero or more as a signed number. */
    public boolean nonNegative(Value value) {
        return of(value).max() <= (value.type() == Type.I32 ? Integer.MAX_VALUE : Long.MAX_VALUE - 1);
    }

    /** Whether it is proven that {@code value} is other than zero. */
    public boolean nonZero(Value value) {
        return value.isConstant() ? value.constant() != 0 : of(value).min() > 0 || hasBit(value);
    }

    private static boolean hasBit(Value value) {
        return value.op() instanceof Op.Binary(BinaryOperator operator)
                && operator == BinaryOperator.OR
                && value.argument(1).isConstant()
                && value.argument(1).constant() != 0;
    }

    private Range of(Value value, int depth) {
        if (value.op() instanceof Op.Constant(long number)) {
            long bits = value.type() == Type.I32 ? number & 0xffff_ffffL : number;
            return bits < 0 ? Range.full(value.type()) : new Range(bits, bits);
        }
        Range cached = known.get(value);
        if (cached != null) {
            return cached;
        }
        Range full = Range.full(value.type());
        if (depth > MAX_DEPTH) {
            return full;
        }
        // A φ that is asked about itself answers "anything".
        known.put(value, full);
        Range range = clamp(value.type(), compute(value, depth + 1));
        known.put(value, range);
        return range;
    }

    private static Range clamp(Type type, Range range) {
        Range full = Range.full(type);
        return range.min < 0 || range.max < range.min || range.max > full.max ? full : range;
    }

    private Range compute(Value value, int depth) {
        Range full = Range.full(value.type());
        return switch (value.op()) {
            case Op.Binary(BinaryOperator operator) ->
                binary(operator, value.type(), of(value.argument(0), depth), of(value.argument(1), depth), value);
            case Op.Load(int size, boolean signed, var _) ->
                signed || size == 8 ? full : new Range(0, (1L << size * 8) - 1);
            case Op.ByteSwap(int bits) -> bits == 64 ? full : new Range(0, (1L << bits) - 1);
            case Op.Compare _ -> new Range(0, 1);
            case Op.Extend(int bits, boolean signed) -> extend(value, bits, signed, depth);
            case Op.Truncate _ -> {
                Range source = of(value.argument(0), depth);
                yield source.max <= 0xffff_ffffL ? source : full;
            }
            case Op.Phi _ -> phi(value, depth);
            default -> full;
        };
    }

    private Range extend(Value value, int bits, boolean signed, int depth) {
        Range source = of(value.argument(0), depth);
        long limit = (1L << (signed ? bits - 1 : bits)) - 1;
        if (source.max <= limit) {
            return source;
        }
        return signed ? Range.full(value.type()) : new Range(0, limit);
    }

    private Range binary(BinaryOperator operator, Type type, Range a, Range b, Value value) {
        Range full = Range.full(type);
        boolean constant = b.min == b.max && value.argument(1).isConstant();
        if (!exact && hiddenFromVerifier(operator, constant)) {
            return full;
        }
        boolean unbounded = type != Type.I32 && (a.max == Long.MAX_VALUE || b.max == Long.MAX_VALUE);
        return switch (operator) {
            case ADD -> unbounded ? full : new Range(a.min + b.min, a.max + b.max);
            case SUB -> unbounded || a.min < b.max ? full : new Range(a.min - b.max, a.max - b.min);
            case MUL ->
                unbounded || Math.multiplyHigh(a.max, b.max) != 0 ? full : new Range(a.min * b.min, a.max * b.max);
            case AND -> new Range(0, Math.min(a.max, b.max));
            // Bits are only added: the result is not below either operand.
            case OR -> unbounded ? full : new Range(Math.max(a.min, b.min), Long.highestOneBit(a.max | b.max) * 2 - 1);
            case XOR -> unbounded ? full : new Range(0, Long.highestOneBit(a.max | b.max) * 2 - 1);
            case SHL -> {
                long count = b.max & (type == Type.I32 ? 31 : 63);
                boolean fits = constant && !unbounded && count < Long.numberOfLeadingZeros(a.max) - 1;
                yield fits ? new Range(a.min << count, a.max << count) : full;
            }
            case LSHR -> {
                long count = b.max & (type == Type.I32 ? 31 : 63);
                if (!constant) {
                    yield new Range(0, a.max);
                }
                if (a.max == Long.MAX_VALUE) {
                    yield count > 0 ? new Range(0, -1L >>> count) : full;
                }
                yield new Range(a.min >>> count, a.max >>> count);
            }
            case ASHR -> {
                boolean positive = type == Type.I32 ? a.max <= Integer.MAX_VALUE : !unbounded;
                yield positive ? new Range(0, a.max) : full;
            }
            case UDIV -> constant && b.min > 0 && !unbounded ? new Range(a.min / b.max, a.max / b.min) : full;
            case UMOD -> constant && b.min > 0 ? new Range(0, b.max - 1) : full;
            case SDIV, SMOD -> {
                boolean positive = a.max <= Integer.MAX_VALUE && b.max <= Integer.MAX_VALUE && b.min > 0;
                yield !positive
                        ? full
                        : operator == BinaryOperator.SDIV
                                ? new Range(a.min / b.max, a.max / b.min)
                                : new Range(0, Math.min(a.max, b.max - 1));
            }
        };
    }

    /** The verifier takes the result of a division, and of a shift by a variable, for any number. */
    private static boolean hiddenFromVerifier(BinaryOperator operator, boolean constant) {
        return switch (operator) {
            case UDIV, UMOD, SDIV, SMOD -> true;
            case SHL, LSHR, ASHR -> !constant;
            case ADD, SUB, MUL, AND, OR, XOR -> false;
        };
    }

    private Range phi(Value phi, int depth) {
        Range counted = counter(phi, depth);
        if (counted != null) {
            return counted;
        }
        long min = Long.MAX_VALUE;
        long max = 0;
        for (Value argument : phi.arguments()) {
            Range range = of(argument, depth);
            min = Math.min(min, range.min);
            max = Math.max(max, range.max);
        }
        return new Range(min, max);
    }

    /** {@code for (i = a; i < b; i += c)} with constants: the test stands in the block of the φ. */
    private @Nullable Range counter(Value phi, int depth) {
        if (phi.arguments().size() != 2) {
            return null;
        }
        for (int i = 0; i < 2; i++) {
            Value next = phi.argument(i);
            boolean steps = next.op() instanceof Op.Binary(BinaryOperator operator)
                    && operator == BinaryOperator.ADD
                    && next.argument(0) == phi
                    && next.argument(1).isConstant()
                    && next.argument(1).constant() > 0;
            Range start = of(phi.argument(1 - i), depth);
            if (steps && start.max <= Integer.MAX_VALUE) {
                long limit = limit(phi);
                long step = next.argument(1).constant();
                if (limit >= 0 && limit + step <= Integer.MAX_VALUE) {
                    return new Range(start.min, Math.max(start.max, limit - 1 + step));
                }
            }
        }
        return null;
    }

    private final Map<Value, Long> limits = new HashMap<>();

    /** Tells that {@code phi}'s loop goes on only while the φ is less than {@code limit}. */
    void loopLimit(Value phi, long limit) {
        limits.put(phi, limit);
    }

    private long limit(Value phi) {
        return limits.getOrDefault(phi, -1L);
    }

    /** Looks for loops whose header tests its own φ, before anything is asked. */
    static Ranges withLoops(Iterable<Block> blocks) {
        return new Ranges().noteLoops(blocks);
    }

    private Ranges noteLoops(Iterable<Block> blocks) {
        for (Block block : blocks) {
            if (block.terminator()
                            instanceof
                            Terminator.Branch(
                                    Condition condition,
                                    Value left,
                                    Value right,
                                    var then,
                                    var otherwise,
                                    var _)
                    && right.isConstant()
                    && block.phis().contains(left)) {
                noteLimit(block, condition, left, right.constant(), then, otherwise);
            }
        }
        return this;
    }

    private void noteLimit(Block header, Condition condition, Value phi, long bound, Block then, Block otherwise) {
        boolean below = condition == Condition.SLT || condition == Condition.ULT;
        boolean atLeast = condition == Condition.SGE || condition == Condition.UGE;
        Block exit = below ? otherwise : then;
        if ((below || atLeast) && bound >= 0 && !stepsAfter(exit, header, phi)) {
            loopLimit(phi, bound);
        }
    }

    /** Whether the loop's exit leads back to the step of the counter, which could then pass the bound. */
    private static boolean stepsAfter(Block exit, Block header, Value phi) {
        Set<Block> seen = new HashSet<>();
        Deque<Block> work = new ArrayDeque<>(List.of(exit));
        while (!work.isEmpty()) {
            Block block = work.pop();
            if (block != header && seen.add(block)) {
                work.addAll(block.successors());
            }
        }
        for (int i = 0; i < header.predecessors().size(); i++) {
            boolean steps = phi.argument(i).arguments().contains(phi);
            if (steps && seen.contains(header.predecessors().get(i))) {
                return true;
            }
        }
        return false;
    }
}
