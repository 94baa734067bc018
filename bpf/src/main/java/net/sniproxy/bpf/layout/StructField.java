package net.sniproxy.bpf.layout;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A member of a struct, and access to it in memory. Access allocates nothing; it is safe from many threads as far as
 * the memory is.
 *
 * @param name   the member's name in Java
 * @param offset bytes from the start of the struct
 * @param layout the member's type
 */
public record StructField(String name, int offset, DataLayout layout) {
    /** The member's name in C and BTF, in snake_case: {@code bytes_sent} for {@code bytesSent}. */
    public String nameInC() {
        return StructReflection.snakeCase(name);
    }

    /** Bytes. */
    public int size() {
        return layout.size();
    }

    /**
     * The number in this member of the struct at {@code base}, extended to 64 bits as its type says.
     *
     * @throws IllegalStateException if this member is no integer
     */
    public long getLong(MemorySegment segment, long base) {
        return integer().get(segment, base + offset);
    }

    /** The low 32 bits of {@link #getLong}. */
    public int getInt(MemorySegment segment, long base) {
        return (int) getLong(segment, base);
    }

    /**
     * Writes the low bits of a number to this member of the struct at {@code base}.
     *
     * @throws IllegalStateException if this member is no integer
     */
    public void set(MemorySegment segment, long base, long value) {
        integer().set(segment, base + offset, value);
    }

    /**
     * An element of this array of integers in the struct at {@code base}.
     *
     * @throws IllegalStateException     if this member is no array of integers
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public long getElement(MemorySegment segment, long base, int index) {
        return elementType().get(segment, base + elementOffset(index));
    }

    /**
     * Writes an element of this array of integers in the struct at {@code base}.
     *
     * @throws IllegalStateException     if this member is no array of integers
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public void setElement(MemorySegment segment, long base, int index, long value) {
        elementType().set(segment, base + elementOffset(index), value);
    }

    /** The bytes of this member of the struct at {@code base}: a view, not a copy. */
    public MemorySegment slice(MemorySegment segment, long base) {
        return segment.asSlice(base + offset, layout.size());
    }

    private IntegerLayout integer() {
        if (layout instanceof IntegerLayout integer) {
            return integer;
        }
        throw new IllegalStateException("member " + name + " is no integer but " + layout);
    }

    private IntegerLayout elementType() {
        if (layout instanceof ArrayLayout array && array.element() instanceof IntegerLayout integer) {
            return integer;
        }
        throw new IllegalStateException("member " + name + " is no array of integers but " + layout);
    }

    private long elementOffset(int index) {
        if (layout instanceof ArrayLayout array) {
            return offset
                    + (long) Objects.checkIndex(index, array.length())
                            * array.element().size();
        }
        throw new IllegalStateException("member " + name + " is no array but " + layout);
    }
}
