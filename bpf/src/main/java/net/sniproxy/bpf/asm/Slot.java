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

    /** All fields in one number, placed as little-endian machines place them. */
    long packed() {
        return (long) immediate << 32 | (offset & 0xffffL) << 16 | source << 12 | destination << 8 | opcode;
    }

    static Slot ofPacked(long packed) {
        return new Slot(
                (int) packed & 0xff, (int) packed >>> 8 & 0xf, (int) packed >>> 12 & 0xf, (short) (packed >>> 16), (int)
                        (packed >>> 32));
    }

    /** A packed slot with another immediate. */
    static long withImmediate(long packed, int immediate) {
        return packed & 0xffff_ffffL | (long) immediate << 32;
    }

    @Override
    public String toString() {
        return "code 0x%02x dst %d src %d off %d imm %d".formatted(opcode, destination, source, offset, immediate);
    }
}
