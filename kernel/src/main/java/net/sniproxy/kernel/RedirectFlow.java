package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.AtomicAdd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * One direction of a redirected connection, kept under the receiver's cookie. {@code sent}, {@code redirected} and
 * {@code consumed} are positions in its stream of bytes, which begins when the sockets are paired.
 *
 * <p>A receiver reads what was redirected to it before anything that waits in its TCP queue. So one rule keeps the bytes in
 * order, at the beginning as after every return from TCP: a byte is redirected only when the receiver has read <em>all</em>
 * bytes before it ({@code consumed} has reached {@code sent}), or when all of those that it has not read were redirected too.
 * {@code sent} cannot be too small, for it follows TCP's own sequence number; {@code consumed} cannot be too large, for a
 * read counts when it has returned. A receiver whose reads are not counted, as splice(2), is never redirected to again.
 */
@Struct("RedirectFlow")
public final class RedirectFlow {
    /** Bytes take the way through TCP until the receiver has read all of them. */
    public static final int WAITING = 0;
    /** Bytes are put into the receiver's queue. */
    public static final int REDIRECTING = 1;
    /** Bytes take the way through TCP for good: the receiver is closed. */
    public static final int ENDED = 2;

    /** What a message costs the kernel beside its bytes, rounded up: a {@code struct sk_msg}. */
    public static final int MESSAGE_BYTES = 1024;

    /** Behind the last byte that the sender sent, however it went. Written under the sender's lock only. */
    @Unsigned
    public long sent;

    /** Behind the last byte that was redirected. Written under the sender's lock only. */
    @Unsigned
    public long redirected;

    /** Behind the last byte that the receiver has read. */
    @Unsigned
    public long consumed;

    /** Bytes that the kernel may hold before the direction goes through TCP. */
    @Unsigned
    public long limit;

    /** {@link #MESSAGE_BYTES} for each message since the receiver had last read all. Written under the sender's lock only. */
    @Unsigned
    public long messages;

    /** {@link #WAITING}, {@link #REDIRECTING} or {@link #ENDED}. Written under the sender's lock only. */
    @Unsigned
    public int state;

    /** Where {@code write_seq} is in this kernel's {@code struct tcp_sock}. */
    @Unsigned
    public int sequenceOffset;

    /** Nothing was sent and nothing read. */
    public RedirectFlow() {}

    /**
     * A direction of a pair.
     *
     * @param ahead bytes that the proxy sends the receiver in front of the sender's own
     * @param sequenceOffset where {@code write_seq} is in this kernel's {@code struct tcp_sock}
     */
    public RedirectFlow(long ahead, long limit, int sequenceOffset) {
        this.sent = ahead;
        this.limit = limit;
        this.sequenceOffset = sequenceOffset;
    }

    /** Whether the receiver has read all that was sent. */
    boolean isDrained() {
        return consumed >= sent;
    }

    /** What the kernel holds, at most: while the direction waits, some of it may wait in TCP instead. */
    long held() {
        return sent - consumed + messages;
    }

    /** Bytes that were redirected and are not read yet. */
    public long unread() {
        return Math.max(0, redirected - consumed);
    }

    /** A message goes to the receiver; returns what it costs. */
    long addRedirected(long bytes) {
        sent += bytes;
        redirected = sent;
        messages += MESSAGE_BYTES;
        return bytes + MESSAGE_BYTES;
    }

    /** The receiver has read something; returns how much of it had been redirected. */
    long consume(long bytes) {
        long before = addConsumed(bytes);
        long unread = redirected - before;
        if (unread <= 0) {
            return 0;
        }
        return unread < bytes ? unread : bytes;
    }

    @AtomicAdd("consumed")
    private synchronized long addConsumed(long bytes) {
        long before = consumed;
        consumed += bytes;
        return before;
    }
}
