package net.sniproxy.proxy.datapath.splice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.FlowKeys;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceDirection;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells both peers of a spliced connection that it is over: no socket is left that could.
 *
 * <p>A socket is made in the place of the one that was closed (TCP_REPAIR), given its sequence numbers, and closed with
 * SO_LINGER 0: the kernel's own TCP sends the RST. A raw socket would need CAP_NET_RAW. Thread-safe.
 */
final class Resets {
    private static final Logger LOG = LoggerFactory.getLogger(Resets.class);

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_LINGER = 13;
    private static final ValueLayout.OfShort PORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int IPV4_LENGTH = 16;
    private static final int IPV6_LENGTH = 28;
    private static final int IPV4_ADDRESS = 4;
    private static final int IPV6_ADDRESS = 8;

    private final Kernel kernel;

    Resets(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Sends an RST to both peers. The connection is no longer in the tables.
     *
     * @param plan how the connection was joined
     * @param last what had become of it
     */
    void send(SplicePlan plan, Splice last) {
        int fromClient = next(last.up);
        int fromUpstream = next(last.down);
        reset(plan.upKey(), new TcpSocket.Position(fromClient, fromUpstream + plan.down().sequenceDelta));
        reset(plan.downKey(), new TcpSocket.Position(fromUpstream, fromClient + plan.up().sequenceDelta));
    }

    /** A FIN has a sequence number of its own; an RST counts only with exactly the next one (RFC 5961). */
    private static int next(SpliceDirection direction) {
        return (direction.state & SpliceDirection.FIN) != 0 ? direction.next + 1 : direction.next;
    }

    private void reset(FlowKey incoming, TcpSocket.Position position) {
        InetSocketAddress peer = FlowKeys.source(incoming);
        InetSocketAddress own = FlowKeys.destination(incoming);
        int family = peer.getAddress() instanceof Inet4Address ? AF_INET : AF_INET6;
        try (Arena arena = Arena.ofConfined();
                Descriptor descriptor = Descriptor.own(
                        kernel.calls(),
                        (int) kernel.check(
                                "socket", "for an RST", kernel.calls().socket(family, SOCK_STREAM_CLOEXEC, 0)),
                        "socket for an RST")) {
            int number = descriptor.number();
            TcpSocket socket = new TcpSocket(kernel, number);
            socket.silence();
            MemorySegment from = address(arena, own);
            kernel.check("bind", own.toString(), kernel.calls().bind(number, from, (int) from.byteSize()));
            socket.place(position);
            MemorySegment to = address(arena, peer);
            kernel.check("connect", peer.toString(), kernel.calls().connect(number, to, (int) to.byteSize()));
            socket.speakAgain();
            lingerZero(arena, number);
        } catch (BpfException e) {
            LOG.debug("splice: no RST to {}: {}", peer, e.getMessage());
        }
    }

    private void lingerZero(Arena arena, int number) {
        MemorySegment linger = arena.allocate(ValueLayout.JAVA_INT, 2);
        linger.setAtIndex(ValueLayout.JAVA_INT, 0, 1);
        int result = kernel.calls().setSocketOption(number, SOL_SOCKET, SO_LINGER, linger, (int) linger.byteSize());
        kernel.check("setsockopt", "SO_LINGER", result);
    }

    /** {@code struct sockaddr_in} or {@code sockaddr_in6}. */
    private static MemorySegment address(Arena arena, InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        boolean ipv4 = address.getAddress() instanceof Inet4Address;
        MemorySegment segment = arena.allocate(ipv4 ? IPV4_LENGTH : IPV6_LENGTH, Long.BYTES);
        segment.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv4 ? AF_INET : AF_INET6));
        segment.set(PORT, 2, (short) address.getPort());
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, ipv4 ? IPV4_ADDRESS : IPV6_ADDRESS, bytes.length);
        return segment;
    }
}
