package net.sniproxy.bpf.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Fields of a kernel struct in native memory, zero at first, by offset. The class that knows the struct owns the
 * offsets. Confined to the thread of its arena.
 */
public final class Attributes {
    /** Names in {@code bpf_attr} and the info structs hold 15 characters and a zero. */
    private static final int NAME_SIZE = 16;

    private final Arena arena;
    private final MemorySegment memory;

    private Attributes(Arena arena, MemorySegment memory) {
        this.arena = arena;
        this.memory = memory;
    }

    /** A struct of {@code size} zero bytes that lives as long as {@code arena}. */
    public static Attributes of(Arena arena, int size) {
        return new Attributes(arena, arena.allocate(size, Long.BYTES));
    }

    /** The struct itself, for the system call. */
    public MemorySegment memory() {
        return memory;
    }

    /** Four bytes in the machine's byte order, as all numbers here. */
    public Attributes putInt(int offset, int value) {
        memory.set(ValueLayout.JAVA_INT, offset, value);
        return this;
    }

    /** Eight bytes. */
    public Attributes putLong(int offset, long value) {
        memory.set(ValueLayout.JAVA_LONG, offset, value);
        return this;
    }

    /** A pointer, 8 bytes on every architecture. The memory must live as long as this. */
    public Attributes putAddress(int offset, MemorySegment target) {
        return putLong(offset, target.address());
    }

    /** A pointer to a zero-terminated copy of {@code text}. */
    public Attributes putStringAddress(int offset, String text) {
        return putAddress(offset, arena.allocateFrom(text));
    }

    /** A name in place: the first 15 characters, and {@code _} for each that the kernel does not take in names. */
    public Attributes putName(int offset, String name) {
        for (int i = 0; i < Math.min(name.length(), NAME_SIZE - 1); i++) {
            char given = name.charAt(i);
            memory.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (isOfNames(given) ? given : '_'));
        }
        return this;
    }

    private static boolean isOfNames(char c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.';
    }

    /** Four bytes that the kernel wrote. */
    public int getInt(int offset) {
        return memory.get(ValueLayout.JAVA_INT, offset);
    }

    /** Eight bytes that the kernel wrote. */
    public long getLong(int offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    /** A name that the kernel wrote in place. */
    public String getName(int offset) {
        return memory.asSlice(offset, NAME_SIZE).getString(0, StandardCharsets.US_ASCII);
    }
}
