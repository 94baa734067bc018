package net.sniproxy.bpf.compiler.lang;

import org.jspecify.annotations.Nullable;

/** The context of a SOCK_OPS program ({@code struct bpf_sock_ops}): an event in the life of a TCP socket. */
public final class SockOpsContext {
    /** The connection that this socket began is established ({@code BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB}). */
    public static final int ACTIVE_ESTABLISHED = 4;
    /** A connection that this host accepted is established ({@code BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB}). */
    public static final int PASSIVE_ESTABLISHED = 5;
    /** A round trip was measured: bytes of the socket were acknowledged ({@code BPF_SOCK_OPS_RTT_CB}, since Linux 5.3). */
    public static final int ROUND_TRIP = 12;
    /** Asks for {@link #ROUND_TRIP} events ({@code BPF_SOCK_OPS_RTT_CB_FLAG}). */
    public static final int ROUND_TRIP_FLAG = 8;
    /** {@code SOL_SOCKET}. */
    public static final int LEVEL_SOCKET = 1;
    /** {@code SO_SNDBUF}: the kernel doubles it, and keeps to its own least size. */
    public static final int SEND_BUFFER = 7;

    private final int op;
    private final BpfSock socket;
    private final long cookie;
    private final int sendNext;
    private final int receiveNext;
    private int callbackFlags;
    private int sendBuffer;

    private SockOpsContext(int op, BpfSock socket, long cookie, int sendNext, int receiveNext) {
        this.op = op;
        this.socket = socket;
        this.cookie = cookie;
        this.sendNext = sendNext;
        this.receiveNext = receiveNext;
    }

    /** An event for the JVM run, of a socket with both sequence numbers at 0. */
    public static SockOpsContext of(int op, BpfSock socket, long cookie) {
        return of(op, socket, cookie, 0, 0);
    }

    /** An event for the JVM run. */
    public static SockOpsContext of(int op, BpfSock socket, long cookie, int sendNext, int receiveNext) {
        return new SockOpsContext(op, socket, cookie, sendNext, receiveNext);
    }

    /** The event, such as {@link #ACTIVE_ESTABLISHED}. */
    @Ctx(offset = 0, size = 4)
    public int op() {
        return op;
    }

    /** {@link BpfSock#AF_INET} or {@link BpfSock#AF_INET6}. */
    @Ctx(offset = 20, size = 4)
    public int family() {
        return socket.family();
    }

    /** Network order as in memory. */
    @Ctx(offset = 24, size = 4)
    public int remoteIp4() {
        return socket.remoteIp4();
    }

    /** Network order as in memory. */
    @Ctx(offset = 28, size = 4)
    public int localIp4() {
        return socket.localIp4();
    }

    /** Word i, 0 to 3, of the remote IPv6 address, as in memory. */
    @Ctx(offset = 32, size = 4)
    public int remoteIp6(int i) {
        return socket.remoteIp6(i);
    }

    /** Word i, 0 to 3, of the local IPv6 address, as in memory. */
    @Ctx(offset = 48, size = 4)
    public int localIp6(int i) {
        return socket.localIp6(i);
    }

    /** The remote port as a four-byte number in network order: {@link ByteOrders#network32} gives 0 to 65535. */
    @Ctx(offset = 64, size = 4)
    public int remotePort() {
        return ByteOrders.network32(socket.remotePortNumber());
    }

    /** The local port, 0 to 65535. */
    @Ctx(offset = 68, size = 4)
    public int localPort() {
        return socket.localPort();
    }

    /** The events that were asked for, by other programs too. */
    @Ctx(offset = 84, size = 4)
    public int callbackFlags() {
        return callbackFlags;
    }

    /** The next sequence number expected from the peer (RCV.NXT of RFC 9293). */
    @Ctx(offset = 100, size = 4)
    public int receiveNext() {
        return receiveNext;
    }

    /** The sequence number of the next byte to be sent (SND.NXT of RFC 9293). */
    @Ctx(offset = 104, size = 4)
    public int sendNext() {
        return sendNext;
    }

    /** The socket; null when it is not a full one. */
    @Ctx(offset = 184, size = 8)
    public @Nullable BpfSock sk() {
        return socket;
    }

    /** The socket's cookie, unique while the host runs. */
    @Helper(46)
    public long socketCookie() {
        return cookie;
    }

    /**
     * Puts the socket into a map.
     *
     * @return 0, or one of {@link Errno}
     */
    @Helper(70)
    public <K> int enrol(BpfSockHash<K> map, K key, long flags) {
        return map.enrol(key, socket, flags);
    }

    /**
     * Sets an option of the socket, as setsockopt(2) does.
     *
     * @param level such as {@link #LEVEL_SOCKET}
     * @param option such as {@link #SEND_BUFFER}
     * @param size 4
     * @return 0, or one of {@link Errno}
     */
    @Helper(49)
    public int setOption(int level, int option, @ByAddress int value, int size) {
        if (level != LEVEL_SOCKET || option != SEND_BUFFER) {
            return Errno.EINVAL;
        }
        sendBuffer = value;
        return 0;
    }

    /** What {@link #SEND_BUFFER} was set to, 0 if it was not; for tests. */
    public int sendBufferAsked() {
        return sendBuffer;
    }

    /** Chooses the events that follow, such as {@link #ROUND_TRIP_FLAG}, in place of those chosen before. */
    @Helper(59)
    public int callbackFlags(int flags) {
        callbackFlags = flags;
        return 0;
    }
}
