package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * What one direction of a spliced connection has come to. Sequence numbers are those of its sender's leg, in host order.
 * The packets of one direction are expected on one CPU at a time, as receive queues keep flows together.
 */
@Struct("SpliceDirection")
public final class SpliceDirection {
    /** In {@link #state}: the sender's FIN was forwarded. */
    public static final int FIN = 1;
    /** In {@link #state}: the receiver acknowledged that FIN. */
    public static final int FIN_ACKNOWLEDGED = 2;
    /** In {@link #state}: {@link #timestampOffset} is known. */
    public static final int TIMESTAMPS_KNOWN = 4;
    /** In {@link #state}: the sender's RST was forwarded, before one of the receiver's. */
    public static final int RESET = 8;

    /** The next sequence number that the sender has not used yet. */
    @Unsigned
    public int next;

    /** The latest acknowledgement number that the sender sent. */
    @Unsigned
    public int acknowledgement;

    /** {@link #FIN}, {@link #FIN_ACKNOWLEDGED}, {@link #TIMESTAMPS_KNOWN}, {@link #RESET}. */
    @Unsigned
    public int state;

    /** Added to the sender's TSval, so that the receiver sees the clock of the proxy's own socket go on. */
    @Unsigned
    public int timestampOffset;

    /** What the proxy's socket towards the receiver would have sent as TSval at {@link Splice#armedAt}. */
    @Unsigned
    public int clock;

    /** 0. */
    @Unsigned
    public int reserved;

    /** Payload bytes, each counted once however often it was sent. */
    @Unsigned
    public long bytes;

    /** Packets, retransmitted ones too; what GRO has joined counts as one. */
    @Unsigned
    public long packets;

    /**
     * Counts one forwarded segment. One without payload counts no bytes, whatever its number: an acknowledgement behind a
     * FIN has the number behind that FIN, which is no byte.
     *
     * @param sequence the number of its first byte
     * @param length its bytes of payload
     * @return the bytes that no earlier segment carried
     */
    int advance(int sequence, int length) {
        packets++;
        int end = sequence + length;
        int fresh = end - next;
        if (length == 0 || fresh <= 0) {
            return 0;
        }
        next = end;
        bytes += fresh;
        return fresh;
    }

    boolean has(int flag) {
        return (state & flag) != 0;
    }
}
