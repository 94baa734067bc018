package net.sniproxy.bpf.compiler.back;

import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.asm.AluOperation;
import net.sniproxy.bpf.asm.AssembledCode;
import net.sniproxy.bpf.asm.Assembler;
import net.sniproxy.bpf.asm.Condition;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.asm.Label;
import net.sniproxy.bpf.asm.Register;
import net.sniproxy.bpf.asm.Size;
import net.sniproxy.bpf.asm.Width;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.ir.Position;
import org.jspecify.annotations.Nullable;

/** Puts the blocks in a row and writes instructions, with source lines. */
final class CodeEmitter {
    private final MachineFunction function;
    private final CompileOptions options;
    private final FrameLayout frame;
    private final Assembler assembler = new Assembler();
    private final Map<MachineBlock, Label> labels = new HashMap<>();
    private @Nullable Position lastPosition;

    private CodeEmitter(MachineFunction function, CompileOptions options) {
        this.function = function;
        this.options = options;
        this.frame = new FrameLayout(function.slotSizes());
        if (options.version4()) {
            assembler.allowLongJumps();
        }
    }

    /** Writes a function whose registers are eBPF's. */
    static AssembledCode emit(MachineFunction function, CompileOptions options) {
        return new CodeEmitter(function, options).run();
    }

    private AssembledCode run() {
        List<MachineBlock> order = layout();
        order.forEach(block -> labels.put(block, Label.named(block.toString())));
        for (int i = 0; i < order.size(); i++) {
            MachineBlock block = order.get(i);
            MachineBlock next = i + 1 < order.size() ? order.get(i + 1) : null;
            assembler.label(label(block));
            for (MachineBlock.Item item : block.items()) {
                line(item.position());
                assembler.add(instructions(item.machine()));
            }
            end(block, next);
        }
        return assembler.assemble();
    }

    private Label label(MachineBlock block) {
        return labels.computeIfAbsent(block, unknown -> Label.named(unknown.toString()));
    }

    /** Chains of blocks that follow each other, so that few jumps are needed. */
    private List<MachineBlock> layout() {
        Set<MachineBlock> placed = new LinkedHashSet<>();
        for (MachineBlock start : function.blocks()) {
            MachineBlock block = start;
            while (block != null && placed.add(block)) {
                block = follower(block, placed);
            }
        }
        return new ArrayList<>(placed);
    }

    private static @Nullable MachineBlock follower(MachineBlock block, Set<MachineBlock> placed) {
        return switch (block.end()) {
            case MachineBlock.End.Leave _ -> null;
            case MachineBlock.End.Jump(MachineBlock target) -> placed.contains(target) ? null : target;
            case MachineBlock.End.Branch branch -> {
                boolean then = !placed.contains(branch.then());
                boolean otherwise = !placed.contains(branch.otherwise());
                if (then && otherwise) {
                    yield staysInLoop(branch.then(), branch.otherwise(), block) ? branch.then() : branch.otherwise();
                }
                yield otherwise ? branch.otherwise() : then ? branch.then() : null;
            }
        };
    }

    /** Whether one way leads back to the block and the other does not: the body of a loop before what is behind it. */
    private static boolean staysInLoop(MachineBlock one, MachineBlock other, MachineBlock block) {
        return leadsTo(one, block) && !leadsTo(other, block);
    }

    private static boolean leadsTo(MachineBlock from, MachineBlock to) {
        Set<MachineBlock> seen = new HashSet<>();
        Deque<MachineBlock> left = new ArrayDeque<>();
        left.push(from);
        while (!left.isEmpty()) {
            MachineBlock block = left.pop();
            if (block == to) {
                return true;
            }
            if (seen.add(block)) {
                block.end().successors().forEach(left::push);
            }
        }
        return false;
    }

    private void line(Position position) {
        if (position.line() > 0 && !position.equals(lastPosition)) {
            lastPosition = position;
            String text = options.sources().line(position.className(), position.sourceFile(), position.line());
            assembler.line(position.sourceFile(), position.line(), 0, text);
        }
    }

    // ---- ends of blocks ----

    private void end(MachineBlock block, @Nullable MachineBlock next) {
        switch (block.end()) {
            case MachineBlock.End.Leave _ -> {}
            case MachineBlock.End.Jump(MachineBlock target) -> {
                if (target != next) {
                    assembler.jump(label(target));
                }
            }
            case MachineBlock.End.Branch branch -> branch(branch, next);
        }
    }

    private void branch(MachineBlock.End.Branch branch, @Nullable MachineBlock next) {
        line(branch.position());
        Condition condition = condition(branch.condition());
        if (branch.then() == next && condition.invertible()) {
            jumpIf(branch, condition.inverse(), branch.otherwise());
            return;
        }
        jumpIf(branch, condition, branch.then());
        if (branch.otherwise() != next) {
            assembler.jump(label(branch.otherwise()));
        }
    }

    private void jumpIf(MachineBlock.End.Branch branch, Condition condition, MachineBlock target) {
        Register left = Register.of(branch.left());
        Width width = width(branch.wide());
        if (branch.right().isPresent()) {
            assembler.jumpIf(width, condition, left, Register.of(branch.right().getAsInt()), label(target));
        } else {
            assembler.jumpIf(width, condition, left, branch.constant(), label(target));
        }
    }

    private static Condition condition(net.sniproxy.bpf.compiler.ir.Condition condition) {
        return switch (condition) {
            case EQ -> Condition.EQ;
            case NE -> Condition.NE;
            case ULT -> Condition.LT;
            case ULE -> Condition.LE;
            case UGT -> Condition.GT;
            case UGE -> Condition.GE;
            case SLT -> Condition.SIGNED_LT;
            case SLE -> Condition.SIGNED_LE;
            case SGT -> Condition.SIGNED_GT;
            case SGE -> Condition.SIGNED_GE;
            case SET -> Condition.SET;
        };
    }

    // ---- instructions ----

    private static Width width(boolean wide) {
        return wide ? Width.BITS_64 : Width.BITS_32;
    }

    private static Register register(int number) {
        return Register.of(number);
    }

    private Instruction[] instructions(Machine machine) {
        if (machine instanceof Machine.SlotAddress(int destination, int slot)) {
            return new Instruction[] {
                new Instruction.Move(Width.BITS_64, register(destination), Register.R10),
                new Instruction.AluConstant(Width.BITS_64, AluOperation.ADD, register(destination), frame.offset(slot))
            };
        }
        return new Instruction[] {instruction(machine)};
    }

    private Instruction instruction(Machine machine) {
        return switch (machine) {
            case Machine.Constant(int destination, long constant, boolean wide) ->
                constant == (int) constant
                        ? new Instruction.MoveConstant(width(wide), register(destination), (int) constant)
                        : new Instruction.LoadConstant(register(destination), constant);
            case Machine.Move(int destination, int source, boolean wide) ->
                new Instruction.Move(width(wide), register(destination), register(source));
            case Machine.MoveSigned(int destination, int source, int bits, boolean wide) ->
                new Instruction.MoveSigned(
                        width(wide), Size.ofBytes(bits / 8), register(destination), register(source));
            case Machine.MapAddress(int destination, String map) -> new Instruction.LoadMap(register(destination), map);
            case Machine.SlotAddress _ -> throw new IllegalStateException("two instructions: " + machine);
            case Machine.Alu(var operation, boolean wide, int destination, int source) ->
                new Instruction.AluRegister(width(wide), operation, register(destination), register(source));
            case Machine.AluConstant(var operation, boolean wide, int destination, int constant) ->
                new Instruction.AluConstant(width(wide), operation, register(destination), constant);
            case Machine.Negate(boolean wide, int register) -> new Instruction.Negate(width(wide), register(register));
            case Machine.Swap(int bits, int register) ->
                new Instruction.ToByteOrder(foreignOrder(), Size.ofBytes(bits / 8), register(register));
            case Machine.Load(int size, boolean signed, int destination, int base, int offset) ->
                load(size, signed, destination, register(base), offset);
            case Machine.LoadSlot(int size, boolean signed, int destination, int slot, int offset) ->
                load(size, signed, destination, Register.R10, frame.offset(slot) + offset);
            case Machine.Store(int size, int base, int offset, int source) ->
                new Instruction.Store(Size.ofBytes(size), register(base), (short) offset, register(source));
            case Machine.StoreSlot(int size, int slot, int offset, int source) ->
                new Instruction.Store(
                        Size.ofBytes(size), Register.R10, (short) (frame.offset(slot) + offset), register(source));
            case Machine.StoreConstant(int size, int base, int offset, int constant) ->
                new Instruction.StoreConstant(Size.ofBytes(size), register(base), (short) offset, constant);
            case Machine.StoreSlotConstant(int size, int slot, int offset, int constant) ->
                new Instruction.StoreConstant(
                        Size.ofBytes(size), Register.R10, (short) (frame.offset(slot) + offset), constant);
            case Machine.Atomic(var operation, int size, int base, int offset, int operand, boolean fetch) ->
                fetch
                        ? new Instruction.AtomicFetch(
                                Size.ofBytes(size), operation, register(base), (short) offset, register(operand))
                        : new Instruction.AtomicUpdate(
                                Size.ofBytes(size), operation, register(base), (short) offset, register(operand));
            case Machine.CallHelper(int helper, var _, var _) -> new Instruction.CallHelper(helper);
            case Machine.CallFunction(String name, var _) -> new Instruction.CallFunction(name);
            case Machine.Exit _ -> new Instruction.Exit();
        };
    }

    /** Converting to the order that the machine does not have reverses the bytes. */
    private ByteOrder foreignOrder() {
        return options.byteOrder() == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    private static Instruction load(int size, boolean signed, int destination, Register base, int offset) {
        return signed
                ? new Instruction.LoadSigned(Size.ofBytes(size), register(destination), base, (short) offset)
                : new Instruction.Load(Size.ofBytes(size), register(destination), base, (short) offset);
    }
}
