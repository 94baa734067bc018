package net.sniproxy.bpf.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The fields of one 8-byte slot (RFC 9669, section 3), before they mean anything. */
record Slot(int opcode, int destination, int source, short offset, int immediate) {

    static Slot of(int opcode, Register destination, int source, int offset, int immediate) {
        return new Slot(opcode, destination.number(), source, (short) offset, immediate);
    }

    /** The byte order also decides which half of the second byte is which register. */
    void write(ByteBuffer buffer) {
        boolean little = buffer.order() == ByteOrder.LITTLE_ENDIAN;
        int registers = little ? source << 4 | destination : destination << 4 | source;
        buffer.put((byte) opcode).put((byte) registers).putShort(offset).putInt(immediate);
    }

    static Slot read(ByteBuffer buffer) {
        int opcode = Byte.toUnsignedInt(buffer.get());
        int registers = Byte.toUnsignedInt(buffer.get());
        int low = registers & 0xf;
        int high = registers >>> 4;
        boolean little = buffer.order() == ByteOrder.LITTLE_ENDIAN;
        return new Slot(opcode, little ? low : high, little ? high : low, buffer.getShort(), buffer.getInt());
    }

    /** The same as {@code equals}, which for a record is code that the JVM makes at its first call: every start would wait. */
    boolean isSame(Slot other) {
        return opcode == other.opcode
                && destination == other.destination
                && source == other.source
                && offset == other.offset
                && immediate == other.immediate;
    }

    @Override
    public String toString() {
        return "code 0x%02x dst %d src %d off %d imm %d".formatted(opcode, destination, source, offset, immediate);
    }
}
