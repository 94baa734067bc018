package net.sniproxy.e2e.wire;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * The numbers that a connected TCP socket writes into its segments, by the options meant for moving sockets between hosts
 * (TCP_REPAIR). The socket has to be idle, with nothing under way. Needs root.
 */
public final class TcpState {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int TCP_REPAIR = 19;
    private static final int TCP_REPAIR_QUEUE = 20;
    private static final int TCP_QUEUE_SEQ = 21;
    private static final int TCP_TIMESTAMP = 24;

    /** {@code struct tcp_info} up to and with the window scales: the peer's, and in the upper half the own. */
    private static final int INFO_BYTES = 8;

    private static final int INFO_STATE = 0;
    private static final int INFO_SCALES = 6;
    private static final int TCP_CLOSE = 7;

    private static final int ON = 1;
    private static final int OFF_WITHOUT_PROBE = -1;
    private static final int RECEIVE_QUEUE = 1;
    private static final int SEND_QUEUE = 2;

    private final Socket socket;

    TcpState(int descriptor) {
        Epoll.ensureAvailability(); // loads the library
        socket = new Socket(descriptor);
    }

    /** The sequence number of the next byte that it sends. */
    public int sendNext() {
        return sequence(SEND_QUEUE);
    }

    /** The sequence number of the next byte that it receives: the peer's, as it arrives here. */
    public int receiveNext() {
        return sequence(RECEIVE_QUEUE);
    }

    private int sequence(int queue) {
        set(TCP_REPAIR, ON);
        try {
            set(TCP_REPAIR_QUEUE, queue);
            return get(TCP_QUEUE_SEQ);
        } finally {
            set(TCP_REPAIR, OFF_WITHOUT_PROBE);
        }
    }

    /** The timestamp (TSval of RFC 7323, milliseconds) that it would send now. */
    public int clock() {
        return get(TCP_TIMESTAMP);
    }

    /** The window scale that it announced, 0 to 14 (RFC 7323). */
    public int windowScale() {
        return info(INFO_SCALES) >>> 4 & 0xf;
    }

    /** Whether it is over: both FINs, or an RST, whether or not anybody has read that. */
    public boolean isClosed() {
        return info(INFO_STATE) == TCP_CLOSE;
    }

    private int info(int offset) {
        ByteBuffer info = ByteBuffer.allocateDirect(INFO_BYTES);
        try {
            socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info);
            return info.get(offset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on its timestamps go on from here. */
    public void setClock(int millis) {
        set(TCP_REPAIR, ON);
        try {
            // An odd number would make it count microseconds (since Linux 6.7).
            set(TCP_TIMESTAMP, millis & ~1);
        } finally {
            set(TCP_REPAIR, OFF_WITHOUT_PROBE);
        }
    }

    /** From now on it sends nothing, not even when it is closed. */
    void silence() {
        set(TCP_REPAIR, ON);
    }

    private void set(int option, int value) {
        try {
            socket.setIntOpt(IPPROTO_TCP, option, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int get(int option) {
        try {
            return socket.getIntOpt(IPPROTO_TCP, option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
