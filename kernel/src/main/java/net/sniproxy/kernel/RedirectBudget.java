package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.U64;

/** Indexes of {@link KernelMaps#REDIRECT_BUDGET}: what all redirected connections together may make the kernel hold. */
public final class RedirectBudget {
    /** Entries of the map. */
    public static final int ENTRIES = 3;
    /** Bytes that were redirected less those that were read. Written by programs, atomically. */
    public static final int HELD = 0;
    /** How much of {@link #HELD} went with closed connections, unread. Written by the control plane. */
    public static final int WRITTEN_OFF = 1;
    /** How much may be held before every direction's limit becomes {@link #LEAST}. Written by the control plane. */
    public static final int LIMIT = 2;

    /** What a direction may always hold, so that a few slow readers cannot take redirection from all. */
    public static final long LEAST = 64 << 10;

    private RedirectBudget() {}

    /** Adds to what is held; negative: takes off. */
    static void hold(long bytes) {
        U64 held = KernelMaps.REDIRECT_BUDGET.lookup(HELD);
        if (held != null) {
            held.add(bytes);
        }
    }

    /** Whether all connections together hold more than they may. */
    static boolean isSpent() {
        return value(HELD) - value(WRITTEN_OFF) > value(LIMIT);
    }

    private static long value(int index) {
        U64 value = KernelMaps.REDIRECT_BUDGET.lookup(index);
        return value == null ? 0 : value.value;
    }
}
