package net.sniproxy.bpf.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Decodes programs: the inverse of {@link InstructionEncoder}. */
public final class InstructionDecoder {
    private InstructionDecoder() {}

    /**
     * The instructions of a program.
     *
     * @throws BpfAssemblyException if there are bytes left over, an instruction is unknown, or a field that must be zero
     *     is not; the message names slot and fields
     */
    public static List<Instruction> decode(byte[] code, ByteOrder order) {
        if (code.length % InstructionEncoder.SLOT_BYTES != 0) {
            throw new BpfAssemblyException(
                    "a program is made of 8-byte slots, but this one has " + code.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(code).order(order);
        List<Instruction> instructions = new ArrayList<>();
        while (buffer.hasRemaining()) {
            int at = buffer.position() / InstructionEncoder.SLOT_BYTES;
            Slot slot = Slot.read(buffer);
            try {
                instructions.add(decode(slot, buffer));
            } catch (IllegalArgumentException e) {
                throw new BpfAssemblyException("slot " + at + " (" + slot + "): " + e.getMessage());
            }
        }
        return List.copyOf(instructions);
    }

    private static Instruction decode(Slot slot, ByteBuffer rest) {
        if (slot.opcode() != Opcodes.LD_IMM64) {
            return SlotDecoder.instruction(slot);
        }
        if (!rest.hasRemaining()) {
            throw new IllegalArgumentException("the second half of a 64-bit load is missing");
        }
        return SlotDecoder.wideLoad(slot, Slot.read(rest));
    }
}
