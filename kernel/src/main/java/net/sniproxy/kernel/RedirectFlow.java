package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.AtomicAdd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * One direction of a redirected connection, kept under the receiver's cookie: what the kernel holds of it is
 * {@code queued − consumed}. The control plane begins {@code queued} with the bytes that it sends itself, since the
 * receiver consumes those too.
 */
@Struct("RedirectFlow")
public final class RedirectFlow {
    /** Bytes put into the receiver's queue, those the proxy sends itself included. */
    @Unsigned
    public long queued;

    /** Bytes that the receiver has read. */
    @Unsigned
    public long consumed;

    /** Bytes that the kernel may hold before the direction falls back to TCP. */
    @Unsigned
    public long limit;

    /** Not 0 once the direction has fallen back, which is for good: the bytes behind must not overtake. */
    @Unsigned
    public int fallenBack;

    /** Whether more than the limit waits for the receiver. */
    boolean overLimit() {
        return queued - consumed > limit;
    }

    @AtomicAdd("queued")
    synchronized void addQueued(long bytes) {
        queued += bytes;
    }

    @AtomicAdd("consumed")
    synchronized void addConsumed(long bytes) {
        consumed += bytes;
    }
}
