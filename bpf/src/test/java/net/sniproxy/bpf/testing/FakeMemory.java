package net.sniproxy.bpf.testing;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Lets a fake kernel reach the memory that the arguments of a call point to. */
public final class FakeMemory {
    private FakeMemory() {}

    /** The memory that the pointer at {@code offset} of a struct points to. */
    @SuppressWarnings("restricted") // the caller vouches for the size, as the kernel's caller does
    public static MemorySegment at(MemorySegment struct, long offset, long size) {
        return MemorySegment.ofAddress(struct.get(ValueLayout.JAVA_LONG, offset))
                .reinterpret(size);
    }
}
