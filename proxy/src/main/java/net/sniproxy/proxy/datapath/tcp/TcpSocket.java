package net.sniproxy.proxy.datapath.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Errno;

/**
 * What the kernel's TCP knows of a connected socket. The descriptor stays its owner's. Option numbers are those of
 * linux/tcp.h; TCP_REPAIR needs CAP_NET_ADMIN (since Linux 3.5, without a window probe since 4.19).
 *
 * <p>For one thread at a time.
 */
public final class TcpSocket {
    private static final int SOL_SOCKET = 1;
    private static final int SO_COOKIE = 57;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_MAXSEG = 2;
    private static final int TCP_INFO = 11;
    private static final int TCP_REPAIR = 19;
    private static final int TCP_REPAIR_QUEUE = 20;
    private static final int TCP_QUEUE_SEQ = 21;
    private static final int TCP_TIMESTAMP = 24;

    private static final int REPAIR_ON = 1;
    private static final int REPAIR_OFF_NO_WINDOW_PROBE = -1;
    private static final int RECEIVE_QUEUE = 1;
    private static final int SEND_QUEUE = 2;

    private static final int MSG_PEEK = 0x2;
    private static final int MSG_DONTWAIT = 0x40;

    /** {@code struct tcp_info} up to and with the number of bytes received (since Linux 4.1). */
    private static final int INFO_BYTES = 136;

    private static final int INFO_STATE = 0;
    private static final int INFO_OPTIONS = 5;
    private static final int INFO_SCALES = 6;
    private static final int INFO_SEND_SEGMENT = 16;
    private static final int INFO_ADVERTISED_SEGMENT = 84;
    private static final int INFO_BYTES_RECEIVED = 128;
    /** What timestamps take of each segment. */
    private static final int TIMESTAMP_BYTES = 12;

    private static final int ESTABLISHED = 1;
    private static final int OPTION_TIMESTAMPS = 1;
    private static final int OPTION_SACK = 2;
    private static final int OPTION_WINDOW_SCALE = 4;
    private static final int OPTION_ECN = 8;
    /** Timestamps count microseconds ({@code TCPI_OPT_USEC_TS}, since Linux 6.7). */
    private static final int OPTION_MICROSECONDS = 64;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final Kernel kernel;
    private final int descriptor;
    private final Scratch scratch = SCRATCH.get();

    /** @param descriptor connected, or about to be */
    public TcpSocket(Kernel kernel, int descriptor) {
        this.kernel = kernel;
        this.descriptor = descriptor;
    }

    /**
     * What both sides agreed to.
     *
     * @param established whether neither side has sent FIN
     * @param microseconds whether timestamps count microseconds instead of milliseconds
     * @param peerWindowScale 0 where there is no scaling
     * @param ownWindowScale 0 where there is no scaling
     * @param segmentToPeer bytes of the largest segment that reaches the peer as far as is known, options included
     * @param segmentToUs bytes of the largest segment that the peer was told to send, options included
     * @param bytesReceived what has come in order, read or not
     */
    public record Agreement(
            boolean established,
            boolean timestamps,
            boolean microseconds,
            boolean sack,
            boolean ecn,
            int peerWindowScale,
            int ownWindowScale,
            int segmentToPeer,
            int segmentToUs,
            long bytesReceived) {}

    /** Reads it. */
    public Agreement agreement() {
        get(IPPROTO_TCP, TCP_INFO, INFO_BYTES);
        int options = scratch.value.get(ValueLayout.JAVA_BYTE, INFO_OPTIONS);
        // A bit field of two halves: the first is the low one on little-endian machines, which all supported ones are.
        int scales = scratch.value.get(ValueLayout.JAVA_BYTE, INFO_SCALES);
        boolean timestamps = (options & OPTION_TIMESTAMPS) != 0;
        boolean scaled = (options & OPTION_WINDOW_SCALE) != 0;
        return new Agreement(
                scratch.value.get(ValueLayout.JAVA_BYTE, INFO_STATE) == ESTABLISHED,
                timestamps,
                (options & OPTION_MICROSECONDS) != 0,
                (options & OPTION_SACK) != 0,
                (options & OPTION_ECN) != 0,
                scaled ? scales & 0xf : 0,
                scaled ? scales >>> 4 & 0xf : 0,
                scratch.value.get(ValueLayout.JAVA_INT, INFO_SEND_SEGMENT) + (timestamps ? TIMESTAMP_BYTES : 0),
                scratch.value.get(ValueLayout.JAVA_INT, INFO_ADVERTISED_SEGMENT),
                scratch.value.get(ValueLayout.JAVA_LONG, INFO_BYTES_RECEIVED));
    }

    /**
     * The next sequence numbers of both directions.
     *
     * @param receiveNext RCV.NXT of RFC 9293
     * @param sendNext the number of the next byte that is written; SND.NXT when nothing waits
     */
    public record Position(int receiveNext, int sendNext) {}

    /** Reads the position; the peer notices nothing. */
    public Position position() {
        set(TCP_REPAIR, REPAIR_ON);
        try {
            set(TCP_REPAIR_QUEUE, RECEIVE_QUEUE);
            int receiveNext = getInt(TCP_QUEUE_SEQ);
            set(TCP_REPAIR_QUEUE, SEND_QUEUE);
            return new Position(receiveNext, getInt(TCP_QUEUE_SEQ));
        } finally {
            set(TCP_REPAIR, REPAIR_OFF_NO_WINDOW_PROBE);
        }
    }

    /** Tells the peers of connections to come to send no larger segments; for a listening socket. */
    public void limitSegments(int bytes) {
        set(TCP_MAXSEG, bytes);
    }

    /** The timestamp (TSval of RFC 7323) that it would send now. */
    public int clock() {
        return getInt(TCP_TIMESTAMP);
    }

    /** Whether there is something to read, an end or an error included. */
    public boolean isReadable() {
        long read = kernel.calls().receive(descriptor, scratch.value, 1, MSG_PEEK | MSG_DONTWAIT);
        return !Errno.EAGAIN.is(read);
    }

    /** From now on it sends nothing, and closing it does not tell the peer (no FIN, no RST). */
    public void silence() {
        set(TCP_REPAIR, REPAIR_ON);
    }

    /** Sends again, at the place it was given. */
    public void speakAgain() {
        set(TCP_REPAIR, REPAIR_OFF_NO_WINDOW_PROBE);
    }

    /** Gives a silent socket that is not connected yet its sequence numbers. */
    public void place(Position position) {
        set(TCP_REPAIR_QUEUE, RECEIVE_QUEUE);
        set(TCP_QUEUE_SEQ, position.receiveNext());
        set(TCP_REPAIR_QUEUE, SEND_QUEUE);
        set(TCP_QUEUE_SEQ, position.sendNext());
    }

    /** The kernel's own name of it, which no other socket has until the next boot. */
    public long cookie() {
        get(SOL_SOCKET, SO_COOKIE, Long.BYTES);
        return scratch.value.get(ValueLayout.JAVA_LONG, 0);
    }

    private void set(int option, int value) {
        scratch.value.set(ValueLayout.JAVA_INT, 0, value);
        int result = kernel.calls().setSocketOption(descriptor, IPPROTO_TCP, option, scratch.value, Integer.BYTES);
        kernel.check("setsockopt", "TCP socket", result);
    }

    private int getInt(int option) {
        get(IPPROTO_TCP, option, Integer.BYTES);
        return scratch.value.get(ValueLayout.JAVA_INT, 0);
    }

    private void get(int level, int option, int bytes) {
        scratch.length.set(ValueLayout.JAVA_INT, 0, bytes);
        int result = kernel.calls().getSocketOption(descriptor, level, option, scratch.value, scratch.length);
        kernel.check("getsockopt", "TCP socket", result);
    }

    /** Memory for option values, one of each thread. */
    private static final class Scratch {
        final MemorySegment value = Arena.ofAuto().allocate(INFO_BYTES, 8);
        final MemorySegment length = Arena.ofAuto().allocate(Integer.BYTES, Integer.BYTES);
    }
}
