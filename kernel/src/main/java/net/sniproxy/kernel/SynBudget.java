package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;

/**
 * Limits new connections by source with a token bucket that holds one second's worth.
 *
 * <p>The bucket is kept as one number, the moment at which it will be full (the generic cell rate algorithm, ITU-T I.371):
 * each connection moves it on by {@link Setting#SYN_INTERVAL}, and it may not be further than a second ahead. Two CPUs that
 * serve one source at the same instant may both take the last token.
 */
final class SynBudget {
    private static final long BURST_NANOS = 1_000_000_000L;

    private SynBudget() {}

    /**
     * Takes a token.
     *
     * @param source as {@link SourceKey} makes it
     * @param interval nanoseconds between two tokens, at most one second
     * @return whether there was one
     */
    static boolean take(long source, long interval) {
        long now = Kernel.nanoTime();
        U64 full = FilterMaps.SYN_BUDGETS.lookup(source);
        if (full == null) {
            FilterMaps.SYN_BUDGETS.update(source, new U64(now + interval), UpdateFlags.ANY);
            return true;
        }
        long next = (full.value - now > 0 ? full.value : now) + interval;
        if (next - now > BURST_NANOS) {
            return false;
        }
        full.value = next;
        return true;
    }
}
