package net.sniproxy.bpf.sys;

import java.lang.foreign.MemorySegment;

/**
 * Memory that the kernel shares with this process; closing unmaps it. Nothing may touch a segment of it afterwards:
 * that would end the process, so the owner closes it only when every reader has stopped.
 */
public final class Mapping implements AutoCloseable {
    public static final int PROT_READ = 1;
    public static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    private final SystemCalls calls;
    private final MemorySegment memory;
    private boolean closed;

    private Mapping(SystemCalls calls, MemorySegment memory) {
        this.calls = calls;
        this.memory = memory;
    }

    /**
     * Maps part of what a descriptor stands for, shared.
     *
     * @param protection {@link #PROT_READ} or {@link #PROT_READ_WRITE}
     * @return the address as {@link SystemCalls#mmap} gives it, or a negated error number
     */
    public static long map(SystemCalls calls, int descriptor, long offset, long length, int protection) {
        return calls.mmap(length, protection, MAP_SHARED, descriptor, offset);
    }

    /** Takes ownership of memory at an address that {@link #map} returned. */
    public static Mapping own(SystemCalls calls, long address, long length) {
        return new Mapping(calls, view(address, length));
    }

    /** The memory, valid until {@link #close}. */
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            calls.munmap(memory.address(), memory.byteSize());
        }
    }

    @SuppressWarnings("restricted") // the address and length are those of a mapping that was just made
    static MemorySegment view(long address, long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }
}
