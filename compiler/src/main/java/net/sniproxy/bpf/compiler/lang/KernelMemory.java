package net.sniproxy.bpf.compiler.lang;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The kernel's memory as far as the stand-ins have some: numbers of four bytes by address. Thread-safe. */
final class KernelMemory {
    private static final long STRUCT_BYTES = 4096;
    private static final AtomicLong NEXT = new AtomicLong(0xffff_8880_0000_0000L);
    private static final Map<Long, Integer> WORDS = new ConcurrentHashMap<>();

    private KernelMemory() {}

    /** The address of a new struct, all zeroes. */
    static long allocate() {
        return NEXT.getAndAdd(STRUCT_BYTES);
    }

    static int read(long address) {
        return WORDS.getOrDefault(address, 0);
    }

    static void add(long address, int delta) {
        WORDS.merge(address, delta, Integer::sum);
    }
}
