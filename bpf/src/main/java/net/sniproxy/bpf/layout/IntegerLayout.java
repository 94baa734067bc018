package net.sniproxy.bpf.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * An integer of 1, 2, 4 or 8 bytes, aligned to its size.
 *
 * @param name name in C, as in {@code u32}
 * @param size bytes
 * @param kind what the bits mean
 * @param bigEndian network byte order in memory; otherwise the machine's
 */
public record IntegerLayout(String name, int size, Kind kind, boolean bigEndian) implements DataLayout {
    /** What the bits of an integer mean. */
    public enum Kind {
        SIGNED,
        UNSIGNED,
        BOOLEAN
    }

    public static final IntegerLayout U8 = new IntegerLayout("u8", 1, Kind.UNSIGNED, false);
    public static final IntegerLayout U16 = new IntegerLayout("u16", 2, Kind.UNSIGNED, false);
    public static final IntegerLayout U32 = new IntegerLayout("u32", 4, Kind.UNSIGNED, false);
    public static final IntegerLayout U64 = new IntegerLayout("u64", 8, Kind.UNSIGNED, false);
    public static final IntegerLayout S8 = new IntegerLayout("s8", 1, Kind.SIGNED, false);
    public static final IntegerLayout S16 = new IntegerLayout("s16", 2, Kind.SIGNED, false);
    public static final IntegerLayout S32 = new IntegerLayout("s32", 4, Kind.SIGNED, false);
    public static final IntegerLayout S64 = new IntegerLayout("s64", 8, Kind.SIGNED, false);
    public static final IntegerLayout BOOL = new IntegerLayout("bool", 1, Kind.BOOLEAN, false);

    public IntegerLayout {
        if (Integer.bitCount(size) != 1 || size > 8) {
            throw new IllegalArgumentException("no integer of " + size + " bytes: 1, 2, 4 or 8");
        }
    }

    @Override
    public int alignment() {
        return size;
    }

    /**
     * The number at an offset: zero-extended when unsigned, sign-extended when signed.
     *
     * @throws IndexOutOfBoundsException if it is not inside the segment
     */
    public long get(MemorySegment segment, long offset) {
        return switch (size) {
            case 1 -> {
                byte value = segment.get(ValueLayout.JAVA_BYTE, offset);
                yield kind == Kind.SIGNED ? value : Byte.toUnsignedLong(value);
            }
            case 2 -> {
                short value = segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset);
                short ordered = swapped() ? Short.reverseBytes(value) : value;
                yield kind == Kind.SIGNED ? ordered : Short.toUnsignedLong(ordered);
            }
            case 4 -> {
                int value = segment.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
                int ordered = swapped() ? Integer.reverseBytes(value) : value;
                yield kind == Kind.SIGNED ? ordered : Integer.toUnsignedLong(ordered);
            }
            default -> {
                long value = segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
                yield swapped() ? Long.reverseBytes(value) : value;
            }
        };
    }

    /**
     * Writes the low bits of a number at an offset.
     *
     * @throws IndexOutOfBoundsException if it is not inside the segment
     */
    public void set(MemorySegment segment, long offset, long value) {
        switch (size) {
            case 1 -> segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
            case 2 -> {
                short low = (short) value;
                segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, swapped() ? Short.reverseBytes(low) : low);
            }
            case 4 -> {
                int low = (int) value;
                segment.set(ValueLayout.JAVA_INT_UNALIGNED, offset, swapped() ? Integer.reverseBytes(low) : low);
            }
            default ->
                segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, swapped() ? Long.reverseBytes(value) : value);
        }
    }

    private boolean swapped() {
        return bigEndian && ByteOrder.nativeOrder() != ByteOrder.BIG_ENDIAN;
    }

    /** The same integer in network byte order, named as the kernel does: {@code __be32}. */
    public IntegerLayout inBigEndian() {
        return size == 1 ? this : new IntegerLayout("__be" + 8 * size, size, kind, true);
    }
}
