package net.sniproxy.bpf.asm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.asm.Instruction.Jump;
import net.sniproxy.bpf.asm.Instruction.JumpIf;
import net.sniproxy.bpf.asm.Instruction.JumpIfConstant;
import net.sniproxy.bpf.asm.Instruction.LongJump;
import net.sniproxy.bpf.asm.Instruction.MayGoto;

/**
 * Puts a function together from instructions and jumps to labels.
 *
 * <p>A jump that is too far for 16 bits is made with {@code gotol} when {@link #allowLongJumps} was called (v4, Linux
 * 6.6), and is an error otherwise. Not for use by several threads.
 */
public final class Assembler {
    private static final short NO_OFFSET_YET = 0;

    private final List<Item> items = new ArrayList<>();
    private final Map<Label, Integer> labels = new HashMap<>();
    private boolean longJumps;

    /** What was added, before labels have slots. */
    private sealed interface Item {
        record Plain(Instruction instruction) implements Item {}

        /** A jump to a label; the offset in {@code jump} is still meaningless. */
        record Branch(Instruction jump, Label target) implements Item {}

        record Line(String file, int line, int column, String text) implements Item {}
    }

    /** Lets distant jumps use {@code gotol}: only for kernels from 6.6 on. */
    public Assembler allowLongJumps() {
        longJumps = true;
        return this;
    }

    /** Instructions whose offsets, where they jump, are known already. */
    public Assembler add(Instruction... instructions) {
        for (Instruction instruction : instructions) {
            items.add(new Item.Plain(instruction));
        }
        return this;
    }

    /**
     * Gives the label its place: the next instruction.
     *
     * @throws BpfAssemblyException if it has one already
     */
    public Assembler label(Label label) {
        if (labels.putIfAbsent(label, items.size()) != null) {
            throw new BpfAssemblyException("label " + label + " has a place already");
        }
        return this;
    }

    /** The instructions that follow come from this source line. */
    public Assembler line(String file, int line, int column, String text) {
        items.add(new Item.Line(file, line, column, text));
        return this;
    }

    /** A jump to wherever the label is, or will be. */
    public Assembler jump(Label target) {
        return branch(new Jump(NO_OFFSET_YET), target);
    }

    /** The same if the condition holds between two registers. */
    public Assembler jumpIf(Width width, Condition condition, Register left, Register right, Label target) {
        return branch(new JumpIf(width, condition, left, right, NO_OFFSET_YET), target);
    }

    /** The same if the condition holds between a register and a constant, which is sign-extended. */
    public Assembler jumpIf(Width width, Condition condition, Register left, int right, Label target) {
        return branch(new JumpIfConstant(width, condition, left, right, NO_OFFSET_YET), target);
    }

    /** Jumps when the program's budget of loop turns is spent; Linux 6.9. */
    public Assembler mayGoto(Label target) {
        return branch(new MayGoto(NO_OFFSET_YET), target);
    }

    private Assembler branch(Instruction jump, Label target) {
        items.add(new Item.Branch(jump, target));
        return this;
    }

    /**
     * Resolves the labels.
     *
     * @throws BpfAssemblyException if a label has no place, or a jump is too far and long jumps are not allowed
     */
    public AssembledCode assemble() {
        boolean[] isFar = new boolean[items.size()];
        int[] slots = slots(isFar);
        while (markFarJumps(slots, isFar)) {
            slots = slots(isFar);
        }
        List<Instruction> instructions = new ArrayList<>();
        List<SourceLine> lines = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            switch (items.get(i)) {
                case Item.Plain(Instruction instruction) -> instructions.add(instruction);
                case Item.Branch(Instruction jump, Label target) ->
                    instructions.addAll(place(jump, slotOf(target, slots) - slots[i + 1], isFar[i]));
                case Item.Line line -> addLine(lines, line, slots[i]);
            }
        }
        return new AssembledCode(instructions, lines);
    }

    /** The slot at which each item starts, and at last the slot after all of them. */
    private int[] slots(boolean[] isFar) {
        int[] slots = new int[items.size() + 1];
        for (int i = 0; i < items.size(); i++) {
            int size = switch (items.get(i)) {
                case Item.Plain(Instruction instruction) -> instruction.slots();
                case Item.Branch(Instruction jump, Label _) -> isFar[i] ? farSize(jump) : 1;
                case Item.Line _ -> 0;
            };
            slots[i + 1] = slots[i] + size;
        }
        return slots;
    }

    /** Marks the jumps that no longer reach their label; a far jump is longer, so that others may follow. */
    private boolean markFarJumps(int[] slots, boolean[] isFar) {
        boolean changed = false;
        for (int i = 0; i < items.size(); i++) {
            if (isFar[i] || !(items.get(i) instanceof Item.Branch(Instruction jump, Label target))) {
                continue;
            }
            int offset = slotOf(target, slots) - slots[i + 1];
            if (offset != (short) offset) {
                if (!longJumps) {
                    throw new BpfAssemblyException("jump at slot " + slots[i] + " to " + target + " is " + offset
                            + " slots long: without gotol (Linux 6.6) it may have 32767; make the function shorter");
                }
                isFar[i] = true;
                changed = true;
            }
        }
        return changed;
    }

    private int slotOf(Label label, int[] slots) {
        Integer item = labels.get(label);
        if (item == null) {
            throw new BpfAssemblyException("label " + label + " was jumped to but has no place");
        }
        return slots[item];
    }

    private static int farSize(Instruction jump) {
        return jump instanceof Jump ? 1 : 3;
    }

    /** A near jump is itself; a far conditional one jumps to a {@code gotol}, past the way around it. */
    private static List<Instruction> place(Instruction jump, int offset, boolean far) {
        if (!far) {
            return List.of(withOffset(jump, (short) offset));
        }
        if (jump instanceof Jump) {
            return List.of(new LongJump(offset));
        }
        return List.of(withOffset(jump, (short) 1), new Jump((short) 1), new LongJump(offset));
    }

    private static Instruction withOffset(Instruction jump, short offset) {
        return switch (jump) {
            case Jump _ -> new Jump(offset);
            case MayGoto _ -> new MayGoto(offset);
            case JumpIf(var width, var condition, var left, var right, var _) ->
                new JumpIf(width, condition, left, right, offset);
            case JumpIfConstant(var width, var condition, var left, var right, var _) ->
                new JumpIfConstant(width, condition, left, right, offset);
            default -> throw new IllegalStateException("not a jump: " + jump);
        };
    }

    /** Of several lines for one slot the last one counts: the kernel wants ascending slots. */
    private static void addLine(List<SourceLine> lines, Item.Line line, int slot) {
        if (!lines.isEmpty() && lines.getLast().slot() == slot) {
            lines.removeLast();
        }
        lines.add(new SourceLine(slot, line.file(), line.line(), line.column(), line.text()));
    }
}
