package net.sniproxy.bpf.link;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;

/**
 * Asks the kernel's routing table, as rtnetlink(7) answers it. Belongs to the network namespace of the thread that opens
 * it. Safe for use by many threads, one question at a time.
 */
public final class Routes implements AutoCloseable {
    private static final int RTM_GETROUTE = 26;
    private static final int RTA_DST = 1;
    private static final int RTA_SRC = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PREFSRC = 7;
    /** A gateway of another family. */
    private static final int RTA_VIA = 18;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    /** {@code struct rtmsg}. */
    private static final int ROUTE_HEADER = 12;

    private static final int TYPE = 7;
    private static final int RTN_UNICAST = 1;
    private static final int RTN_LOCAL = 2;

    private final Netlink netlink;

    private Routes(Netlink netlink) {
        this.netlink = netlink;
    }

    /** Opens the table; needs no privilege. */
    public static Routes open(Kernel kernel) {
        return new Routes(Netlink.open(kernel));
    }

    /**
     * How a destination is reached.
     *
     * @param ifindex the interface that packets leave by
     * @param local whether it is an address of this host
     * @param onLink whether the packets go to the destination itself and not to a router
     * @param source the address that the kernel would give the packets; where it was asked for one, it may be missing
     */
    public record Route(int ifindex, boolean local, boolean onLink, Optional<InetAddress> source) {}

    /**
     * The route to a destination.
     *
     * @param source the address that the packets carry, of the same family
     * @return empty if there is none, or the packets would not go to one host
     * @throws net.sniproxy.bpf.BpfException ENETUNREACH or EHOSTUNREACH if the table says so
     */
    public Optional<Route> find(InetAddress destination, InetAddress source) {
        return find(destination, Optional.of(source));
    }

    /**
     * The route to a destination, from the address that the kernel chooses.
     *
     * @return empty if there is none, or the packets would not go to one host
     * @throws net.sniproxy.bpf.BpfException ENETUNREACH or EHOSTUNREACH if the table says so
     */
    public Optional<Route> find(InetAddress destination) {
        return find(destination, Optional.empty());
    }

    private Optional<Route> find(InetAddress destination, Optional<InetAddress> source) {
        byte[] to = destination.getAddress();
        int family = destination instanceof Inet4Address ? AF_INET : AF_INET6;
        int bits = to.length * Byte.SIZE;
        NetlinkMessage question = new NetlinkMessage(
                        RTM_GETROUTE, NetlinkMessage.NLM_F_REQUEST | NetlinkMessage.NLM_F_ACK)
                .putBytes(
                        new byte[] {(byte) family, (byte) bits, (byte) (source.isPresent() ? bits : 0), 0, 0, 0, 0, 0})
                .putInt(0)
                .attribute(RTA_DST, to);
        source.ifPresent(from -> question.attribute(RTA_SRC, from.getAddress()));
        for (ByteBuffer answer : netlink.ask(question, "route to " + destination.getHostAddress())) {
            if (answer.remaining() >= ROUTE_HEADER) {
                return route(answer);
            }
        }
        return Optional.empty();
    }

    private static Optional<Route> route(ByteBuffer answer) {
        int type = Byte.toUnsignedInt(answer.get(TYPE));
        if (type != RTN_UNICAST && type != RTN_LOCAL) {
            return Optional.empty();
        }
        ByteBuffer rest = answer.slice(ROUTE_HEADER, answer.remaining() - ROUTE_HEADER);
        NetlinkAttributes attributes = new NetlinkAttributes(rest);
        Optional<InetAddress> source = attributes.bytes(RTA_PREFSRC).map(Routes::address);
        boolean onLink = attributes.bytes(RTA_GATEWAY).isEmpty()
                && attributes.bytes(RTA_VIA).isEmpty();
        return attributes.number(RTA_OIF).map(index -> new Route(index, type == RTN_LOCAL, onLink, source));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the kernel names an address of " + bytes.length + " bytes", e);
        }
    }

    @Override
    public void close() {
        netlink.close();
    }
}
