package net.sniproxy.bpf.layout;

import java.lang.foreign.MemorySegment;

/**
 * Turns objects into memory and back. Immutable and safe from many threads.
 *
 * <p>Reading makes objects; where that is too slow, read single members with {@link StructField}.
 *
 * @param <T> type of the objects
 */
public interface Codec<T> {
    /** The type of the memory. */
    DataLayout layout();

    /**
     * The object in the {@code layout().size()} bytes at an offset.
     *
     * @throws IndexOutOfBoundsException if the segment ends before
     */
    T read(MemorySegment segment, long offset);

    /**
     * Writes an object to the {@code layout().size()} bytes at an offset; padding becomes zero.
     *
     * @throws IndexOutOfBoundsException if the segment ends before
     * @throws IllegalArgumentException  if an array in the object has another length than the layout says
     */
    void write(MemorySegment segment, long offset, T value);

    /**
     * The codec of a record or class with {@link Struct}. A class needs a constructor without parameters; both may be
     * private.
     *
     * @throws IllegalArgumentException if it is no struct
     */
    static <T> Codec<T> of(Class<T> type) {
        return StructCodec.of(type);
    }

    /** Numbers of 32 bits in the machine's byte order, unsigned for BTF. */
    static Codec<Integer> u32() {
        return ScalarCodecs.U32;
    }

    /** Numbers of 64 bits in the machine's byte order, unsigned for BTF. */
    static Codec<Long> u64() {
        return ScalarCodecs.U64;
    }

    /** The bytes as they are in memory, for a layout without a class. */
    static Codec<byte[]> bytes(DataLayout layout) {
        return new ScalarCodecs.Bytes(layout);
    }
}
