package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.AtomicOperation;
import net.sniproxy.bpf.compiler.ir.BinaryOperator;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Condition;
import net.sniproxy.bpf.compiler.ir.Dominators;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Position;
import net.sniproxy.bpf.compiler.ir.Terminator;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Chooses instructions. Every value gets a virtual register; leaves are made again at each use, in front of it, so that
 * they hold no register in between.
 */
final class Selector {
    private static final Position NOWHERE = new Position("", "", "", 0);

    private final Function function;
    private final boolean version4;
    private final MachineFunction machine;
    private final int[] uses;
    private final Map<Block, MachineBlock> blocks = new HashMap<>();
    private final Map<Value, Integer> registers = new HashMap<>();
    private final Map<Integer, Integer> slots = new HashMap<>();
    private final Set<Value> fused = new HashSet<>();
    private MachineBlock current = new MachineBlock(-1, 0);
    private Position position = NOWHERE;

    private Selector(Function function, boolean version4) {
        this.function = function;
        this.version4 = version4;
        this.machine = new MachineFunction(function.name());
        this.uses = function.useCounts();
    }

    /** Translates a legal function without critical edges into φs. */
    static MachineFunction select(Function function, boolean version4) {
        return new Selector(function, version4).run();
    }

    private MachineFunction run() {
        Dominators dominators = new Dominators(function);
        List<Block> order = dominators.order();
        for (Block block : order) {
            machine.blocks()
                    .add(blocks.computeIfAbsent(block, _ -> new MachineBlock(block.id(), dominators.loopDepth(block))));
            fuseBitTest(block);
        }
        current = block(function.entry());
        for (int i = 0; i < function.parameters().size(); i++) {
            add(new Machine.Move(register(function.parameters().get(i)), i + 1, true));
        }
        for (Block block : order) {
            select(block);
        }
        return machine;
    }

    private void select(Block block) {
        current = block(block);
        for (Value value : block.instructions()) {
            position = value.position();
            if (!fused.contains(value)) {
                select(value);
            }
        }
        select(block, block.terminator());
    }

    private void add(Machine instruction) {
        current.add(instruction, position);
    }

    private MachineBlock block(Block block) {
        return Objects.requireNonNull(blocks.get(block), "a reachable block");
    }

    // ---- registers ----

    private int register(Value value) {
        return registers.computeIfAbsent(value, _ -> machine.newRegister());
    }

    private int slot(Value address) {
        if (address.op() instanceof Op.StackAddress(int number, int size)) {
            return slots.computeIfAbsent(number, _ -> machine.newSlot(size));
        }
        throw new IllegalStateException(address + " is no stack slot");
    }

    /** The register that holds the value; leaves are made now. */
    private int use(Value value) {
        if (!value.isLeaf() || value.op() instanceof Op.Parameter) {
            return register(value);
        }
        int register = machine.newRegister();
        make(register, value);
        return register;
    }

    /** Puts the value into the register. */
    private void make(int register, Value value) {
        switch (value.op()) {
            case Op.Constant(long number) ->
                add(new Machine.Constant(register, number, value.type().wide()));
            case Op.MapAddress(String map) -> add(new Machine.MapAddress(register, map));
            case Op.StackAddress _ -> add(new Machine.SlotAddress(register, slot(value)));
            // Whatever nobody assigned is never looked at, but the verifier wants the register written.
            case Op.Undefined _ -> add(new Machine.Constant(register, 0, true));
            default -> add(new Machine.Move(register, register(value), true));
        }
    }

    private static boolean immediate(Value value) {
        return value.isConstant() && value.constant() == (int) value.constant();
    }

    // ---- values ----

    private void select(Value value) {
        switch (value.op()) {
            case Op.Binary(BinaryOperator operator) -> binary(value, operator);
            case Op.Offset _ -> alu(AluOperation.ADD, true, value, value.argument(0), value.argument(1));
            case Op.Negate _ -> {
                make(register(value), value.argument(0));
                add(new Machine.Negate(value.type().wide(), register(value)));
            }
            case Op.ByteSwap(int bits) -> {
                make(register(value), value.argument(0));
                add(new Machine.Swap(bits, register(value)));
            }
            case Op.Extend(int bits, boolean signed) -> extend(value, bits, signed);
            case Op.Truncate _ -> make(register(value), value.argument(0));
            case Op.Load(int size, boolean signed, int offset) -> load(value, size, signed, offset);
            case Op.Store(int size, int offset) -> store(value.argument(0), value.argument(1), size, offset);
            case Op.Clear(int size) -> {
                for (int offset = 0; offset < size; offset += 8) {
                    add(new Machine.StoreSlotConstant(8, slot(value.argument(0)), offset, 0));
                }
            }
            case Op.Atomic(var operator, int size, int offset, boolean fetch) ->
                atomic(value, operator, size, offset, fetch);
            case Op.CallHelper(int helper, String name, boolean _) -> {
                arguments(value);
                add(new Machine.CallHelper(helper, name, value.arguments().size()));
                result(value);
            }
            case Op.CallFunction(String name, boolean _) -> {
                arguments(value);
                add(new Machine.CallFunction(name, value.arguments().size()));
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
        int register = register(value);
        if (immediate(right)) {
            make(register, left);
            add(new Machine.AluConstant(operation, wide, register, immediate(operation, wide, right)));
            return;
        }
        int operand = use(right);
        make(register, left);
        add(new Machine.Alu(operation, wide, register, operand));
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
        int register = register(value);
        boolean wide = value.type().wide();
        if (!signed) {
            if (bits == 32 && !UpperBits.zero(source)) {
                add(new Machine.Move(register, use(source), false));
            } else {
                make(register, source);
                if (bits < 32) {
                    add(new Machine.AluConstant(AluOperation.AND, wide, register, (1 << bits) - 1));
                }
            }
            return;
        }
        if (version4) {
            add(new Machine.MoveSigned(register, use(source), bits, wide));
            return;
        }
        make(register, source);
        signExtend(register, bits, wide);
    }

    private void signExtend(int register, int bits, boolean wide) {
        int shift = (wide ? 64 : 32) - bits;
        add(new Machine.AluConstant(AluOperation.LSH, wide, register, shift));
        add(new Machine.AluConstant(AluOperation.ARSH, wide, register, shift));
    }

    // ---- memory ----

    private void load(Value value, int size, boolean signed, int offset) {
        int register = register(value);
        boolean wide = value.type().wide();
        // A signed load of v4 extends to 64 bits, but the upper half of an int is zero.
        boolean direct = signed && version4 && wide;
        Value base = value.argument(0);
        if (base.op() instanceof Op.StackAddress) {
            add(new Machine.LoadSlot(size, direct, register, slot(base), offset));
        } else {
            add(new Machine.Load(size, direct, register, use(base), offset));
        }
        if (signed && !direct) {
            signExtend(register, size * 8, wide);
        }
    }

    private void store(Value base, Value stored, int size, int offset) {
        // Stores of constants into contexts are refused by kernels before 6.5.
        boolean constant =
                stored.isConstant() && (size < 8 || immediate(stored)) && !(base.op() instanceof Op.Parameter);
        if (base.op() instanceof Op.StackAddress) {
            int slot = slot(base);
            add(
                    constant
                            ? new Machine.StoreSlotConstant(size, slot, offset, (int) stored.constant())
                            : new Machine.StoreSlot(size, slot, offset, use(stored)));
        } else if (constant) {
            add(new Machine.StoreConstant(size, use(base), offset, (int) stored.constant()));
        } else {
            int register = use(stored);
            add(new Machine.Store(size, use(base), offset, register));
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
            operand = register(value);
            make(operand, value.argument(1));
        } else {
            operand = use(value.argument(1));
        }
        add(new Machine.Atomic(operation, size, use(value.argument(0)), offset, operand, fetch));
    }

    // ---- calls ----

    private void arguments(Value call) {
        for (int i = 0; i < call.arguments().size(); i++) {
            make(i + 1, call.argument(i));
        }
    }

    private void result(Value call) {
        if (call.type() != Type.NONE && uses[call.id()] > 0) {
            add(new Machine.Move(register(call), 0, true));
        }
    }

    // ---- ends of blocks ----

    private void fuseBitTest(Block block) {
        if (block.terminator() instanceof Terminator.Branch branch && isBitTest(branch)) {
            fused.add(branch.left());
        }
    }

    /** {@code (x & mask) == 0}, where nobody else wants the masked value. */
    private boolean isBitTest(Terminator.Branch branch) {
        return (branch.condition() == Condition.EQ || branch.condition() == Condition.NE)
                && branch.right().isConstant(0)
                && branch.left().op() instanceof Op.Binary(BinaryOperator operator)
                && operator == BinaryOperator.AND
                && uses[branch.left().id()] == 1;
    }

    private void select(Block block, Terminator terminator) {
        switch (terminator) {
            case Terminator.Jump(Block target) -> {
                copyToPhis(block, target);
                current.end(new MachineBlock.End.Jump(block(target)));
            }
            case Terminator.Branch branch -> {
                position = branch.position();
                if (fused.contains(branch.left())) {
                    boolean whenSet = branch.condition() == Condition.NE;
                    branch(
                            Condition.SET,
                            branch.left().argument(0),
                            branch.left().argument(1),
                            whenSet ? branch.then() : branch.otherwise(),
                            whenSet ? branch.otherwise() : branch.then());
                } else {
                    branch(branch.condition(), branch.left(), branch.right(), branch.then(), branch.otherwise());
                }
            }
            case Terminator.Return(Optional<Value> value, Position where) -> {
                position = where;
                value.ifPresent(result -> make(0, result));
                add(new Machine.Exit(value.isPresent()));
                current.end(new MachineBlock.End.Leave());
            }
            case Terminator.Trap trap -> throw new IllegalStateException("trap in legal code: " + trap.message());
        }
    }

    private void branch(Condition condition, Value left, Value right, Block then, Block otherwise) {
        int first = use(left);
        OptionalInt second = immediate(right) ? OptionalInt.empty() : OptionalInt.of(use(right));
        current.end(new MachineBlock.End.Branch(
                condition,
                left.type().wide(),
                first,
                second,
                second.isPresent() ? 0 : (int) right.constant(),
                block(then),
                block(otherwise),
                position));
    }

    private void copyToPhis(Block block, Block target) {
        int index = target.predecessors().indexOf(block);
        ParallelCopies copies = new ParallelCopies(machine::newRegister);
        List<Value> leaves = new ArrayList<>();
        for (Value phi : target.phis()) {
            Value argument = phi.argument(index);
            if (!argument.isLeaf() || argument.op() instanceof Op.Parameter) {
                copies.add(register(phi), register(argument));
            } else if (!(argument.op() instanceof Op.Undefined) || uses[phi.id()] > 0) {
                leaves.add(phi);
            }
        }
        copies.inOrder().forEach(this::add);
        leaves.forEach(phi -> make(register(phi), phi.argument(index)));
    }
}
