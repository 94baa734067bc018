package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** A connection that the kernel forwards, or is about to: what its packets change. */
@Struct("Splice")
public final class Splice {
    /** The ClientHello is on its way: the local stack owns it until the upstream has acknowledged it. */
    public static final int ARMED = 1;
    /** Every packet is rewritten and sent on; the local sockets have no part in it any more. */
    public static final int SPLICED = 2;
    /** The upstream spoke before it had the whole ClientHello: everything goes to the local sockets, for good. */
    public static final int LEFT_TO_RELAY = 3;
    /** Both sides have sent FIN and have acknowledged the other's. Late retransmissions are still sent on. */
    public static final int CLOSED = 4;
    /** One side has sent RST. Whatever else comes is still sent on, to be answered by the receiver. */
    public static final int RESET = 5;
    /** A new connection reuses the addresses and ports of this one: its packets go to the local stack. */
    public static final int REPLACED = 6;

    /** The control plane has ended it: its packets are dropped until the entry is gone. */
    public static final int REVOKED = 7;

    /** {@link #ARMED} to {@link #REVOKED}. */
    @Unsigned
    public int state;

    /** 0. */
    @Unsigned
    public int reserved;

    /** When it was armed, nanoseconds on the monotonic clock. */
    @Unsigned
    public long armedAt;

    /**
     * When the last new byte passed, nanoseconds on the monotonic clock, to within a tick. What is sent again, keep-alives
     * and window probes move nothing: they also come from a peer whose other side has vanished.
     */
    @Unsigned
    public long lastMoved;

    /** From the client to the upstream. */
    public final SpliceDirection up = new SpliceDirection();

    /** From the upstream to the client. */
    public final SpliceDirection down = new SpliceDirection();

    /**
     * The state, or {@link #CLOSED} where both FINs are acknowledged and the state does not say so: of two CPUs that note the last
     * acknowledgements at the same moment, neither may see what the other notes.
     */
    public int settledState() {
        boolean finished = up.has(SpliceDirection.FIN_ACKNOWLEDGED) && down.has(SpliceDirection.FIN_ACKNOWLEDGED);
        return state == SPLICED && finished ? CLOSED : state;
    }

    /** The direction itself: {@link Flow#UP} or {@link Flow#DOWN}. */
    SpliceDirection of(int direction) {
        return direction == Flow.UP ? up : down;
    }

    /** The opposite of the direction. */
    SpliceDirection against(int direction) {
        return direction == Flow.UP ? down : up;
    }
}
