package net.sniproxy.bpf.compiler.lang;

/**
 * A full socket as networking programs see it ({@code struct bpf_sock}). Addresses are in network order as they lie in
 * memory.
 */
public final class BpfSock implements SocketPointer {
    /** {@code AF_INET}. */
    public static final int AF_INET = 2;
    /** {@code AF_INET6}. */
    public static final int AF_INET6 = 10;

    private final int family;
    private final int[] local;
    private final int localPort;
    private final int[] remote;
    private final int remotePort;
    private final long tcp = KernelMemory.allocate();

    private BpfSock(int family, int[] local, int localPort, int[] remote, int remotePort) {
        this.family = family;
        this.local = local;
        this.localPort = localPort;
        this.remote = remote;
        this.remotePort = remotePort;
    }

    /**
     * A connected IPv4 TCP socket for the JVM run.
     *
     * @param localIp4 network order as in memory
     * @param localPort 0 to 65535
     * @param remoteIp4 network order as in memory
     * @param remotePort 0 to 65535
     */
    public static BpfSock tcp4(int localIp4, int localPort, int remoteIp4, int remotePort) {
        return new BpfSock(
                AF_INET, new int[] {localIp4, 0, 0, 0}, localPort, new int[] {remoteIp4, 0, 0, 0}, remotePort);
    }

    /**
     * A connected IPv6 TCP socket for the JVM run.
     *
     * @param local four words, network order as in memory
     * @param localPort 0 to 65535
     * @param remote four words, network order as in memory
     * @param remotePort 0 to 65535
     */
    public static BpfSock tcp6(int[] local, int localPort, int[] remote, int remotePort) {
        return new BpfSock(AF_INET6, local.clone(), localPort, remote.clone(), remotePort);
    }

    /** {@link #AF_INET} or {@link #AF_INET6}. */
    @Ctx(offset = 4, size = 4)
    public int family() {
        return family;
    }

    /** The local IPv4 address, network order as in memory. */
    @Ctx(offset = 24, size = 4)
    public int localIp4() {
        return local[0];
    }

    /** Word i, 0 to 3, of the local IPv6 address, as in memory. */
    @Ctx(offset = 28, size = 4)
    public int localIp6(int i) {
        return local[i];
    }

    /** The local port, 0 to 65535. */
    @Ctx(offset = 44, size = 4)
    public int localPort() {
        return localPort;
    }

    /** The remote port as a two-byte number in network order. */
    @Ctx(offset = 48, size = 2)
    public int remotePort() {
        return ByteOrders.network16(remotePort);
    }

    /** The remote IPv4 address, network order as in memory. */
    @Ctx(offset = 52, size = 4)
    public int remoteIp4() {
        return remote[0];
    }

    /** Word i, 0 to 3, of the remote IPv6 address, as in memory. */
    @Ctx(offset = 56, size = 4)
    public int remoteIp6(int i) {
        return remote[i];
    }

    /**
     * Where the kernel keeps what TCP knows of it ({@code struct tcp_sock}), for {@link Kernel#read}; 0 for sockets of other
     * protocols. Since Linux 5.9; needs CAP_PERFMON.
     */
    @Helper(137)
    public long tcpAddress() {
        return tcp;
    }

    /** Adds to a number of four bytes of the stand-in's {@code struct tcp_sock}; for tests. */
    public void addToTcp(int offset, int delta) {
        KernelMemory.add(tcp + offset, delta);
    }

    /** The remote port, 0 to 65535, for the stand-ins of contexts. */
    int remotePortNumber() {
        return remotePort;
    }
}
