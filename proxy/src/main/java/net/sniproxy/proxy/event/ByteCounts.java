package net.sniproxy.proxy.event;

/**
 * What a connection has moved. A byte counts when the receiver's socket has taken it, or the kernel has sent it on; a PROXY
 * protocol header that the proxy puts in front, a TLS alert and an HTTP answer of its own do not count.
 *
 * @param up the client's bytes, the ClientHello included
 * @param down the upstream's bytes
 * @param relayedUp those of {@code up} that this process copied; the others are the kernel's, or an earlier process's
 * @param relayedDown those of {@code down} that this process copied
 */
public record ByteCounts(long up, long down, long relayedUp, long relayedDown) {
    /** Nothing has moved. */
    public static final ByteCounts NONE = new ByteCounts(0, 0, 0, 0);

    /** Bytes that an earlier process copied. */
    public static ByteCounts relayedEarlier(long up, long down) {
        return new ByteCounts(up, down, 0, 0);
    }

    /** Bytes that this process copied, all of them. */
    public static ByteCounts relayed(long up, long down) {
        return new ByteCounts(up, down, up, down);
    }

    /** These and as many that the kernel has forwarded. */
    public ByteCounts plusForwarded(long moreUp, long moreDown) {
        return new ByteCounts(up + moreUp, down + moreDown, relayedUp, relayedDown);
    }
}
