package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One thread's native memory for a key and a value; grows to the largest that the thread has used. */
final class ElementBuffers {
    private static final ThreadLocal<ElementBuffers> OF_THREAD = ThreadLocal.withInitial(ElementBuffers::new);
    private static final int FIRST_SIZE = 64;

    private MemorySegment key = allocate(FIRST_SIZE);
    private MemorySegment value = allocate(FIRST_SIZE);

    private ElementBuffers() {}

    static ElementBuffers ofThread() {
        return OF_THREAD.get();
    }

    MemorySegment key(int size) {
        if (key.byteSize() < size) {
            key = allocate(size);
        }
        return key;
    }

    MemorySegment value(int size) {
        if (value.byteSize() < size) {
            value = allocate(size);
        }
        return value;
    }

    private static MemorySegment allocate(int size) {
        return Arena.ofAuto().allocate(size, Long.BYTES);
    }
}
