package net.sniproxy.bpf.compiler.lang;

import org.jspecify.annotations.Nullable;

/**
 * The context of an SK_MSG program ({@code struct sk_msg_md}): bytes that a local process sends on an enrolled socket.
 * Ports: the local one in host order, the remote one in network order.
 */
public final class SkMsgContext {
    /** Redirects into the receive queue of the target instead of its send queue ({@code BPF_F_INGRESS}). */
    public static final long INGRESS = 1;

    private final PacketMemory memory;
    private final BpfSock socket;
    private @Nullable BpfSock target;

    private SkMsgContext(byte[] message, BpfSock socket) {
        this.memory = new PacketMemory(message);
        this.socket = socket;
    }

    /** A message for the JVM run. */
    public static SkMsgContext of(byte[] message, BpfSock socket) {
        return new SkMsgContext(message, socket);
    }

    /** The first byte that is linear in memory. */
    @Ctx(offset = 0, size = 8)
    public Packet data() {
        return new Packet(memory);
    }

    /** The end of the linear bytes. */
    @Ctx(offset = 8, size = 8)
    public PacketEnd dataEnd() {
        return new PacketEnd(memory);
    }

    /** {@link BpfSock#AF_INET} or {@link BpfSock#AF_INET6}. */
    @Ctx(offset = 16, size = 4)
    public int family() {
        return socket.family();
    }

    /** Network order as in memory. */
    @Ctx(offset = 20, size = 4)
    public int remoteIp4() {
        return socket.remoteIp4();
    }

    /** Network order as in memory. */
    @Ctx(offset = 24, size = 4)
    public int localIp4() {
        return socket.localIp4();
    }

    /** Host order. */
    @Ctx(offset = 64, size = 4)
    public int localPort() {
        return socket.localPort();
    }

    /** Bytes of the message. */
    @Ctx(offset = 68, size = 4)
    public int size() {
        return memory.length();
    }

    /** The socket that the message is sent on. */
    @Ctx(offset = 72, size = 8)
    public @Nullable BpfSock sk() {
        return socket;
    }

    /**
     * Sends the message to another socket.
     *
     * @param map where the socket is enrolled
     * @param key its key
     * @param flags 0 or {@link #INGRESS}
     * @return {@link SkVerdict#PASS}, or {@link SkVerdict#DROP} when there is no such socket
     */
    @Helper(71)
    public <K> int redirect(BpfSockHash<K> map, K key, long flags) {
        target = map.sockets().get(key);
        return target == null ? SkVerdict.DROP : SkVerdict.PASS;
    }

    /** Where the last redirect pointed; for tests. */
    public @Nullable BpfSock target() {
        return target;
    }
}
