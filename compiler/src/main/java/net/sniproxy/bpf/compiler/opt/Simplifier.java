package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Folds constants, addresses, extensions and comparisons: rules that look at one instruction and its arguments. */
final class Simplifier {
    private final Function function;
    private final Ranges ranges;
    private final int[] uses;
    private final Map<Value, Value> replacements = new HashMap<>();
    private List<Value> output = new ArrayList<>();
    private boolean changed;

    private Simplifier(Function function) {
        this.function = function;
        this.ranges = Ranges.withLoops(function.reversePostorder());
        this.uses = function.useCounts();
    }

    static boolean run(Function function) {
        Simplifier simplifier = new Simplifier(function);
        function.reversePostorder().forEach(simplifier::block);
        function.substitute(simplifier.replacements);
        return simplifier.changed;
    }

    private void block(Block block) {
        output = new ArrayList<>();
        for (Value value : block.instructions()) {
            value.mapArguments(argument -> Function.resolve(replacements, argument));
            Value simpler = simplify(value);
            if (simpler == value) {
                output.add(value);
            } else {
                replacements.put(value, simpler);
                changed = true;
            }
        }
        block.instructions().clear();
        block.instructions().addAll(output);
        block.setTerminatorOnly(block.terminator().mapValues(value -> Function.resolve(replacements, value)));
        if (block.terminator() instanceof Terminator.Branch branch) {
            unsignedLoad(branch);
            branch(block, branch);
        }
    }

    private void branch(Block block, Terminator.Branch branch) {
        switch (Comparison.simplify(function, ranges, branch.condition(), branch.left(), branch.right())) {
            case Comparison.Known(boolean holds) -> {
                block.narrow(new Terminator.Jump(holds ? branch.then() : branch.otherwise()));
                changed = true;
            }
            case Comparison.Open(Comparison open) -> {
                Terminator.Branch simpler = new Terminator.Branch(
                        open.condition(),
                        open.left(),
                        open.right(),
                        branch.then(),
                        branch.otherwise(),
                        branch.position());
                changed |= !simpler.equals(branch);
                block.setTerminatorOnly(simpler);
            }
        }
    }

    /** A narrow field that is only compared with a small positive number need not be sign-extended. */
    private void unsignedLoad(Terminator.Branch branch) {
        Value load = branch.left();
        boolean equality = branch.condition() == Condition.EQ || branch.condition() == Condition.NE;
        if (equality
                && uses(load) == 1
                && branch.right().isConstant()
                && load.op() instanceof Op.Load(int size, boolean signed, int offset)
                && signed
                && branch.right().constant() >= 0
                && branch.right().constant() < 1L << size * 8 - 1) {
            load.become(new Op.Load(size, false, offset), List.copyOf(load.arguments()));
            changed = true;
        }
    }

    private Value constant(Value like, long number) {
        return function.constant(like.type(), number);
    }

    /** A new instruction just before the one that is being simplified, itself simplified. */
    private Value make(Value like, Op op, Type type, Value... arguments) {
        Value value = function.newValue(type, op, List.of(arguments), like.position());
        Value simpler = simplify(value);
        if (simpler == value) {
            output.add(value);
        }
        return simpler;
    }

    private Value binary(Value like, BinaryOperator operator, Type type, Value left, Value right) {
        return make(like, new Op.Binary(operator), type, left, right);
    }

    private Value simplify(Value value) {
        return switch (value.op()) {
            case Op.Binary(BinaryOperator operator) -> simplifyBinary(value, operator);
            case Op.Offset _ -> simplifyOffset(value);
            case Op.Negate _
            when value.argument(0).isConstant() ->
                constant(value, -value.argument(0).constant());
            case Op.ByteSwap(int bits) -> simplifySwap(value, bits);
            case Op.Extend(int bits, boolean signed) -> simplifyExtend(value, bits, signed);
            case Op.Truncate _ -> simplifyTruncate(value);
            case Op.Compare(Condition condition) -> simplifyCompare(value, condition);
            case Op.Compare3(boolean signed)
            when value.argument(0).isConstant() && value.argument(1).isConstant() -> {
                long a = value.argument(0).constant();
                long b = value.argument(1).constant();
                yield constant(value, signed ? Long.compare(a, b) : Long.compareUnsigned(a, b));
            }
            case Op.Load(int size, boolean signed, int offset) ->
                foldAddress(value, offset, folded -> new Op.Load(size, signed, folded));
            case Op.Store(int size, int offset) -> {
                narrowStored(value, size);
                yield foldAddress(value, offset, folded -> new Op.Store(size, folded));
            }
            case Op.Atomic(var operator, int size, int offset, boolean fetch) -> {
                boolean unused = fetch && uses(value) == 0;
                changed |= unused;
                yield foldAddress(
                        value, offset, folded -> new Op.Atomic(operator, size, folded, fetch && !unused), unused);
            }
            default -> value;
        };
    }

    private int uses(Value value) {
        return value.id() < uses.length ? uses[value.id()] : 1;
    }

    // ---- memory ----

    private Value foldAddress(Value value, int offset, java.util.function.IntFunction<Op> make) {
        return foldAddress(value, offset, make, false);
    }

    private Value foldAddress(Value value, int offset, java.util.function.IntFunction<Op> make, boolean always) {
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
            changed = true;
        }
        return value;
    }

    /** A store writes the low bytes only: what was done to the upper ones does not matter. */
    private void narrowStored(Value store, int size) {
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
            changed = true;
        }
    }

    private Value simplifyOffset(Value value) {
        Value pointer = value.argument(0);
        Value index = value.argument(1);
        if (index.isConstant(0)) {
            return pointer;
        }
        if (!(pointer.op() instanceof Op.Offset) || !pointer.argument(1).isConstant()) {
            return value;
        }
        if (index.isConstant()) {
            Value sum = function.constant(Type.I64, pointer.argument(1).constant() + index.constant());
            return make(value, new Op.Offset(), Type.POINTER, pointer.argument(0), sum);
        }
        // The constant comes last, so that loads can take it into their offset.
        Value moved = make(value, new Op.Offset(), Type.POINTER, pointer.argument(0), index);
        return make(value, new Op.Offset(), Type.POINTER, moved, pointer.argument(1));
    }

    // ---- conversions ----

    private Value simplifySwap(Value value, int bits) {
        Value source = value.argument(0);
        if (source.isConstant()) {
            return constant(value, Comparison.swap(source.constant(), bits));
        }
        boolean twice = source.op() instanceof Op.ByteSwap(int inner) && inner == bits;
        if (twice && source.argument(0).type() == value.type()) {
            Value original = source.argument(0);
            return bits == (value.type() == Type.I32 ? 32 : 64)
                    ? original
                    : binary(value, BinaryOperator.AND, value.type(), original, constant(value, (1L << bits) - 1));
        }
        return value;
    }

    private Value simplifyExtend(Value value, int bits, boolean signed) {
        Value source = value.argument(0);
        if (source.isConstant()) {
            return constant(value, extend(source.constant(), bits, signed));
        }
        if (source.type() == value.type()) {
            return extendInPlace(value, source, bits, signed);
        }
        if (bits == 32 && signed && ranges.nonNegative(source)) {
            return make(value, new Op.Extend(32, false), Type.I64, source);
        }
        if (source.op() instanceof Op.Truncate) {
            Value original = source.argument(0);
            long limit = signed ? Integer.MAX_VALUE : 0xffff_ffffL;
            return ranges.of(original).max() <= limit ? original : value;
        }
        return value;
    }

    private Value extendInPlace(Value value, Value source, int bits, boolean signed) {
        long limit = (1L << (signed ? bits - 1 : bits)) - 1;
        if (ranges.bounded(source) && ranges.of(source).max() <= limit) {
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
                : binary(value, BinaryOperator.AND, value.type(), source, constant(value, limit));
    }

    static long extend(long number, int bits, boolean signed) {
        int shift = 64 - bits;
        return signed ? number << shift >> shift : number << shift >>> shift;
    }

    private Value simplifyTruncate(Value value) {
        Value source = value.argument(0);
        return switch (source.op()) {
            case Op.Constant(long number) -> constant(value, number);
            case Op.Extend(int bits, var _)
            when bits == 32 && source.argument(0).type() == Type.I32 -> source.argument(0);
            case Op.Binary(BinaryOperator operator)
            when narrows(operator) && uses(source) == 1 && narrow(source.argument(0)) && narrow(source.argument(1)) ->
                binary(
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
        return make(like, new Op.Truncate(), Type.I32, value);
    }

    private Value simplifyCompare(Value value, Condition condition) {
        return switch (Comparison.simplify(function, ranges, condition, value.argument(0), value.argument(1))) {
            case Comparison.Known(boolean holds) -> constant(value, holds ? 1 : 0);
            case Comparison.Open(Comparison open) -> {
                if (open.condition() != condition
                        || open.left() != value.argument(0)
                        || open.right() != value.argument(1)) {
                    value.become(new Op.Compare(open.condition()), List.of(open.left(), open.right()));
                    changed = true;
                }
                yield value;
            }
        };
    }

    // ---- arithmetic ----

    private Value simplifyBinary(Value value, BinaryOperator operator) {
        Value left = value.argument(0);
        Value right = value.argument(1);
        if (left.isConstant() && right.isConstant() && !(operator.divides() && right.isConstant(0))) {
            return constant(value, operator.apply(value.type(), left.constant(), right.constant()));
        }
        if (left.isConstant() && operator.commutative()) {
            value.become(value.op(), List.of(right, left));
            changed = true;
            return simplifyBinary(value, operator);
        }
        if (left == right) {
            switch (operator) {
                case SUB, XOR -> {
                    return constant(value, 0);
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
                        : binary(value, BinaryOperator.ADD, type, left, constant(value, -number));
            case OR, XOR -> number == 0 ? left : reassociate(value, operator, left, number);
            case AND -> and(value, left, number);
            case MUL -> multiply(value, left, number);
            case SHL, LSHR, ASHR -> shift(value, operator, left, number & (type == Type.I32 ? 31 : 63));
            case UDIV ->
                isPowerOfTwo(number) ? binary(value, BinaryOperator.LSHR, type, left, exponent(value, number)) : value;
            case UMOD ->
                isPowerOfTwo(number)
                        ? binary(value, BinaryOperator.AND, type, left, constant(value, number - 1))
                        : value;
            case SDIV, SMOD -> unsignedDivision(value, operator);
        };
    }

    private Value unsignedDivision(Value value, BinaryOperator operator) {
        boolean signed = operator == BinaryOperator.SDIV || operator == BinaryOperator.SMOD;
        if (!signed || !ranges.nonNegative(value.argument(0)) || !ranges.nonNegative(value.argument(1))) {
            return value;
        }
        BinaryOperator unsigned = operator == BinaryOperator.SDIV ? BinaryOperator.UDIV : BinaryOperator.UMOD;
        return binary(value, unsigned, value.type(), value.argument(0), value.argument(1));
    }

    private static boolean isPowerOfTwo(long number) {
        return number > 0 && Long.bitCount(number) == 1;
    }

    private Value exponent(Value like, long number) {
        return constant(like, Long.numberOfTrailingZeros(number));
    }

    private Value reassociate(Value value, BinaryOperator operator, Value left, long number) {
        boolean same = left.op() instanceof Op.Binary(BinaryOperator inner)
                && inner == operator
                && left.argument(1).isConstant();
        if (!same) {
            return value;
        }
        long folded = operator.apply(value.type(), left.argument(1).constant(), number);
        return binary(value, operator, value.type(), left.argument(0), constant(value, folded));
    }

    private Value and(Value value, Value left, long number) {
        Type type = value.type();
        if (number == 0) {
            return constant(value, 0);
        }
        boolean mask = number > 0 && (number & number + 1) == 0;
        if (number == -1 || mask && ranges.bounded(left) && ranges.of(left).max() <= number) {
            return left;
        }
        switch (left.op()) {
            case Op.Load(int size, boolean signed, int offset)
            when signed && uses(left) == 1 && number > 0 && size < 8 && number < 1L << size * 8 -> {
                left.become(new Op.Load(size, false, offset), List.copyOf(left.arguments()));
                changed = true;
                return number == (1L << size * 8) - 1 ? left : value;
            }
            case Op.Extend(int bits, boolean _)
            when bits < 32 && left.argument(0).type() == type && number > 0 && number < 1L << bits -> {
                return binary(value, BinaryOperator.AND, type, left.argument(0), constant(value, number));
            }
            case Op.Extend(int bits, boolean _)
            when bits == 32 && type == Type.I64 && number == 0xffff_ffffL -> {
                return make(value, new Op.Extend(32, false), type, left.argument(0));
            }
            case Op.Extend(int bits, boolean _)
            when bits == 32 && type == Type.I64 && number > 0 && number <= Integer.MAX_VALUE -> {
                Value narrow = binary(
                        value, BinaryOperator.AND, Type.I32, left.argument(0), function.constant(Type.I32, number));
                return make(value, new Op.Extend(32, false), type, narrow);
            }
            default -> {
                if (number == 0xffff_ffffL && type == Type.I64) {
                    return make(value, new Op.Extend(32, false), type, make(value, new Op.Truncate(), Type.I32, left));
                }
                return reassociate(value, BinaryOperator.AND, left, number);
            }
        }
    }

    private Value multiply(Value value, Value left, long number) {
        if (number == 0) {
            return constant(value, 0);
        }
        if (number == 1) {
            return left;
        }
        return isPowerOfTwo(number)
                ? binary(value, BinaryOperator.SHL, value.type(), left, exponent(value, number))
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
                    return constant(value, 0);
                }
                return binary(
                        value, operator, value.type(), left.argument(0), constant(value, Math.min(sum, width - 1)));
            }
            if (inner == BinaryOperator.SHL && first == count && operator == BinaryOperator.LSHR) {
                return width - count == 32 && width == 64
                        ? make(
                                value,
                                new Op.Extend(32, false),
                                Type.I64,
                                make(value, new Op.Truncate(), Type.I32, left.argument(0)))
                        : mask(value, left.argument(0), width - count);
            }
            if (inner == BinaryOperator.SHL
                    && first == count
                    && operator == BinaryOperator.ASHR
                    && (width - count == 8 || width - count == 16)) {
                return make(value, new Op.Extend((int) (width - count), true), value.type(), left.argument(0));
            }
        }
        if (operator == BinaryOperator.ASHR && ranges.nonNegative(left)) {
            return binary(value, BinaryOperator.LSHR, value.type(), left, constant(value, count));
        }
        return value;
    }

    private Value mask(Value value, Value source, long bits) {
        // A mask of more than 31 bits would need a register of its own.
        return bits <= 31
                ? binary(value, BinaryOperator.AND, value.type(), source, constant(value, (1L << bits) - 1))
                : value;
    }
}
