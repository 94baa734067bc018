package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * How the packets of one direction of a spliced connection are rewritten: constants, written once by the control plane.
 * What changes with the packets stands in {@link Splice}.
 *
 * <p>The proxy forwards the byte stream unchanged, so sequence numbers of one leg map to those of the other by a constant,
 * for retransmissions too.
 */
@Struct("Flow")
public final class Flow {
    /** In {@link #direction}: from the client to the upstream. */
    public static final int UP = 0;
    /** In {@link #direction}: from the upstream to the client. */
    public static final int DOWN = 1;

    /** In {@link #flags}: the receiver's leg has selective acknowledgements (RFC 2018); else blocks are blanked out. */
    public static final int SACK = 1;
    /** In {@link #flags}: both legs negotiated ECN (RFC 3168); else its marks are cleared. */
    public static final int ECN = 2;
    /** In {@link #flags}: the receiver is on the interface's own network, with no router between. */
    public static final int ON_LINK = 4;

    /** The connection, a key of {@link SpliceMaps#SPLICES}. */
    @Unsigned
    public long splice;

    /** The new source address, network order as in memory; IPv4 in {@link #source3} alone. */
    @Unsigned
    public int source0;

    @Unsigned
    public int source1;

    @Unsigned
    public int source2;

    @Unsigned
    public int source3;

    /** The new destination address, likewise. */
    @Unsigned
    public int destination0;

    @Unsigned
    public int destination1;

    @Unsigned
    public int destination2;

    @Unsigned
    public int destination3;

    /** The new ports, source and behind it destination, network order as in memory. */
    @Unsigned
    public int ports;

    /** Added to sequence numbers. */
    @Unsigned
    public int sequenceDelta;

    /** Added to acknowledgement numbers and to the edges of SACK blocks. */
    @Unsigned
    public int acknowledgementDelta;

    /**
     * Until the splice has begun: {@link #UP}, the first sequence number that is not the proxy's own to read;
     * {@link #DOWN}, the acknowledgement that covers the whole ClientHello.
     */
    @Unsigned
    public int threshold;

    /** The interface that the packets leave by. */
    @Unsigned
    public int ifindex;

    /** {@link #SACK}, {@link #ECN}, {@link #ON_LINK}. */
    @Unsigned
    public int flags;

    /** {@link #UP} or {@link #DOWN}. */
    @Unsigned
    public byte direction;

    /** The window scale that the sender announced, 0 to 14. */
    @Unsigned
    public byte windowScaleIn;

    /** The window scale that the proxy announced to the receiver, 0 to 14. */
    @Unsigned
    public byte windowScaleOut;

    /** The sequence number of the sender's SYN. */
    @Unsigned
    public int initial;
}
