package net.sniproxy.bpf.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Codecs of what is no struct. */
final class ScalarCodecs {
    static final Codec<Integer> U32 = new Codec<>() {
        @Override
        public DataLayout layout() {
            return IntegerLayout.U32;
        }

        @Override
        public Integer read(MemorySegment segment, long offset) {
            return segment.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
        }

        @Override
        public void write(MemorySegment segment, long offset, Integer value) {
            segment.set(ValueLayout.JAVA_INT_UNALIGNED, offset, value);
        }
    };

    static final Codec<Long> U64 = new Codec<>() {
        @Override
        public DataLayout layout() {
            return IntegerLayout.U64;
        }

        @Override
        public Long read(MemorySegment segment, long offset) {
            return segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
        }

        @Override
        public void write(MemorySegment segment, long offset, Long value) {
            segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
        }
    };

    /** Uninterpreted bytes. */
    record Bytes(DataLayout layout) implements Codec<byte[]> {
        @Override
        public byte[] read(MemorySegment segment, long offset) {
            return segment.asSlice(offset, layout.size()).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void write(MemorySegment segment, long offset, byte[] value) {
            if (value.length != layout.size()) {
                throw new IllegalArgumentException(value.length + " bytes for a layout of " + layout.size());
            }
            MemorySegment.copy(value, 0, segment, ValueLayout.JAVA_BYTE, offset, value.length);
        }
    }

    private ScalarCodecs() {}
}
