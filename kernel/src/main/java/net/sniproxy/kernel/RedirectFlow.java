package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.AtomicAdd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * One direction of a redirected connection, kept under the receiver's cookie. A receiver reads what was redirected to it before
 * anything that waits in its TCP queue, so the order of the bytes is kept by two rules:
 *
 * <ol>
 *   <li>Nothing is redirected before the receiver has read every byte that took the way through TCP and the proxy:
 *       {@code consumed} has reached {@code ahead} plus the sender's {@link EnrolledSocket#passed}.
 *   <li>A direction that has fallen back to TCP never returns.
 * </ol>
 *
 * <p>What the kernel holds of a direction that is redirected is {@code queued − consumed}.
 */
@Struct("RedirectFlow")
public final class RedirectFlow {
    /** Bytes take the way through TCP until the receiver has read all of them. */
    public static final int WAITING = 0;
    /** Bytes are put into the receiver's queue. */
    public static final int REDIRECTING = 1;
    /** Bytes take the way through TCP for good. */
    public static final int FALLEN_BACK = 2;

    /** Once redirecting: bytes that the receiver has been given since it was paired, however they came. */
    @Unsigned
    public long queued;

    /** Bytes that the receiver has read since it was paired, however they came. */
    @Unsigned
    public long consumed;

    /** Bytes that the kernel may hold before the direction falls back to TCP. */
    @Unsigned
    public long limit;

    /** Bytes that the proxy sends the receiver in front of the sender's own. */
    @Unsigned
    public long ahead;

    /** {@link #WAITING}, {@link #REDIRECTING} or {@link #FALLEN_BACK}. Written under the sender's lock only. */
    @Unsigned
    public int state;

    /** 0. */
    @Unsigned
    public int reserved;

    /** Starts to redirect if the receiver has read all that the sender passed through TCP. */
    void startAfter(long passed) {
        if (consumed >= ahead + passed) {
            queued = consumed;
            state = REDIRECTING;
        }
    }

    /** Whether more than the limit waits for the receiver. */
    boolean overLimit() {
        return queued - consumed > limit;
    }

    /** Bytes that were redirected and are not read yet. */
    public long unread() {
        return state == WAITING ? 0 : Math.max(0, queued - consumed);
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
