package net.sniproxy.bpf.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Encodes instructions in the machine's or in either byte order; the format is that of RFC 9669. */
public final class InstructionEncoder {
    /** Bytes of a slot. */
    public static final int SLOT_BYTES = 8;

    private InstructionEncoder() {}

    /**
     * The bytes of a program.
     *
     * @throws BpfAssemblyException if a symbolic instruction is among them
     */
    public static byte[] encode(List<? extends Instruction> instructions, ByteOrder order) {
        int slots = slots(instructions);
        ByteBuffer buffer = ByteBuffer.allocate(slots * SLOT_BYTES).order(order);
        for (Instruction instruction : instructions) {
            Slot first = SlotEncoder.firstSlot(instruction);
            first.write(buffer);
            if (instruction instanceof Instruction.WideLoad wide) {
                SlotEncoder.secondSlot(wide).write(buffer);
            }
        }
        return buffer.array();
    }

    /** How many 8-byte slots these instructions take. */
    public static int slots(List<? extends Instruction> instructions) {
        int slots = 0;
        for (Instruction instruction : instructions) {
            slots += instruction.slots();
        }
        return slots;
    }
}
