package net.sniproxy.bpf.compiler.back;

import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.AtomicOperation;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/** Chooses the instructions for one value. */
final class ValueSelector {
    private final Operands operands;
    private final boolean version4;
    private final int[] uses;

    /**
     * For the values of one function.
     *
     * @param uses how often each value is used, by number
     */
    ValueSelector(Operands operands, boolean version4, int[] uses) {
        this.operands = operands;
        this.version4 = version4;
        this.uses = uses;
    }

    /** Adds the instructions that compute the value. */
    void select(Value value) {
        switch (value.op()) {
            case Op.Binary(BinaryOperator operator) -> binary(value, operator);
            case Op.Offset _ -> alu(AluOperation.ADD, true, value, value.argument(0), value.argument(1));
            case Op.Negate _ -> {
                operands.make(operands.register(value), value.argument(0));
                operands.add(new Machine.Negate(value.type().wide(), operands.register(value)));
            }
            case Op.ByteSwap(int bits) -> {
                operands.make(operands.register(value), value.argument(0));
                operands.add(new Machine.Swap(bits, operands.register(value)));
            }
            case Op.Extend(int bits, boolean signed) -> extend(value, bits, signed);
            case Op.Truncate _ -> operands.make(operands.register(value), value.argument(0));
            case Op.Load(int size, boolean signed, int offset) -> load(value, size, signed, offset);
            case Op.Store(int size, int offset) -> store(value.argument(0), value.argument(1), size, offset);
            case Op.Clear(int size) -> {
                for (int offset = 0; offset < size; offset += 8) {
                    operands.add(new Machine.StoreSlotConstant(8, operands.slot(value.argument(0)), offset, 0));
                }
            }
            case Op.Atomic(var operator, int size, int offset, boolean fetch) ->
                atomic(value, operator, size, offset, fetch);
            case Op.CallHelper(int helper, String name, boolean _) -> {
                arguments(value);
                operands.add(
                        new Machine.CallHelper(helper, name, value.arguments().size()));
                result(value);
            }
            case Op.CallFunction(String name, boolean _) -> {
                arguments(value);
                operands.add(new Machine.CallFunction(name, value.arguments().size()));
                result(value);
            }
            default -> throw new IllegalStateException("not legal here: " + value.op());
        }
    }

    private void binary(Value value, BinaryOperator operator) {
        Value left = value.argument(0);
        Value right = value.argument(1);
        boolean exchange = operator.commutative() && isBetterLeft(value, right, left);
        alu(operation(operator), value.type().wide(), value, exchange ? right : left, exchange ? left : right);
    }

    /**
     * The left operand is overwritten: let it be the one that nobody else wants, or the one whose place the result takes in
     * the next round of a loop.
     */
    private boolean isBetterLeft(Value result, Value candidate, Value other) {
        if (candidate.isLeaf() || isCarried(other, result)) {
            return false;
        }
        return isCarried(candidate, result) || uses[candidate.id()] == 1 && (other.isLeaf() || uses[other.id()] > 1);
    }

    private static boolean isCarried(Value phi, Value next) {
        return phi.isPhi() && phi.arguments().contains(next);
    }

    private static AluOperation operation(BinaryOperator operator) {
        return switch (operator) {
            case ADD -> AluOperation.ADD;
            case SUB -> AluOperation.SUB;
            case MUL -> AluOperation.MUL;
            case UDIV -> AluOperation.DIV;
            case UMOD -> AluOperation.MOD;
            case SDIV -> AluOperation.SIGNED_DIV;
            case SMOD -> AluOperation.SIGNED_MOD;
            case AND -> AluOperation.AND;
            case OR -> AluOperation.OR;
            case XOR -> AluOperation.XOR;
            case SHL -> AluOperation.LSH;
            case LSHR -> AluOperation.RSH;
            case ASHR -> AluOperation.ARSH;
        };
    }

    private void alu(AluOperation operation, boolean wide, Value value, Value left, Value right) {
        int register = operands.register(value);
        if (Operands.immediate(right)) {
            operands.make(register, left);
            operands.add(new Machine.AluConstant(operation, wide, register, immediate(operation, wide, right)));
            return;
        }
        int operand = operands.use(right);
        operands.make(register, left);
        operands.add(new Machine.Alu(operation, wide, register, operand));
    }

    /** Java takes shift counts modulo the width; as an immediate the verifier wants them reduced. */
    private static int immediate(AluOperation operation, boolean wide, Value value) {
        int number = (int) value.constant();
        return switch (operation) {
            case LSH, RSH, ARSH -> number & (wide ? 63 : 31);
            default -> number;
        };
    }

    private void extend(Value value, int bits, boolean signed) {
        Value source = value.argument(0);
        int register = operands.register(value);
        boolean wide = value.type().wide();
        if (!signed) {
            if (bits == 32 && !UpperBits.zero(source)) {
                operands.add(new Machine.Move(register, operands.use(source), false));
            } else {
                operands.make(register, source);
                if (bits < 32) {
                    operands.add(new Machine.AluConstant(AluOperation.AND, wide, register, (1 << bits) - 1));
                }
            }
            return;
        }
        if (version4) {
            operands.add(new Machine.MoveSigned(register, operands.use(source), bits, wide));
            return;
        }
        operands.make(register, source);
        signExtend(register, bits, wide);
    }

    private void signExtend(int register, int bits, boolean wide) {
        int shift = (wide ? 64 : 32) - bits;
        operands.add(new Machine.AluConstant(AluOperation.LSH, wide, register, shift));
        operands.add(new Machine.AluConstant(AluOperation.ARSH, wide, register, shift));
    }

    // ---- memory ----

    private void load(Value value, int size, boolean signed, int offset) {
        int register = operands.register(value);
        boolean wide = value.type().wide();
        // A signed load of v4 extends to 64 bits, but the upper half of an int is zero.
        boolean direct = signed && version4 && wide;
        Value base = value.argument(0);
        if (base.op() instanceof Op.StackAddress) {
            operands.add(new Machine.LoadSlot(size, direct, register, operands.slot(base), offset));
        } else {
            operands.add(new Machine.Load(size, direct, register, operands.use(base), offset));
        }
        if (signed && !direct) {
            signExtend(register, size * 8, wide);
        }
    }

    private void store(Value base, Value stored, int size, int offset) {
        // Stores of constants into contexts are refused by kernels before 6.5.
        boolean constant =
                stored.isConstant() && (size < 8 || Operands.immediate(stored)) && !(base.op() instanceof Op.Parameter);
        if (base.op() instanceof Op.StackAddress) {
            int slot = operands.slot(base);
            operands.add(
                    constant
                            ? new Machine.StoreSlotConstant(size, slot, offset, (int) stored.constant())
                            : new Machine.StoreSlot(size, slot, offset, operands.use(stored)));
        } else if (constant) {
            operands.add(new Machine.StoreConstant(size, operands.use(base), offset, (int) stored.constant()));
        } else {
            int register = operands.use(stored);
            operands.add(new Machine.Store(size, operands.use(base), offset, register));
        }
    }

    private void atomic(Value value, Op.AtomicOperator operator, int size, int offset, boolean fetch) {
        AtomicOperation operation = switch (operator) {
            case ADD -> AtomicOperation.ADD;
            case AND -> AtomicOperation.AND;
            case OR -> AtomicOperation.OR;
            case XOR -> AtomicOperation.XOR;
        };
        int operand;
        if (fetch) {
            operand = operands.register(value);
            operands.make(operand, value.argument(1));
        } else {
            operand = operands.use(value.argument(1));
        }
        operands.add(new Machine.Atomic(operation, size, operands.use(value.argument(0)), offset, operand, fetch));
    }

    // ---- calls ----

    private void arguments(Value call) {
        for (int i = 0; i < call.arguments().size(); i++) {
            operands.make(i + 1, call.argument(i));
        }
    }

    private void result(Value call) {
        if (call.type() != Type.NONE && uses[call.id()] > 0) {
            operands.add(new Machine.Move(operands.register(call), 0, true));
        }
    }
}
