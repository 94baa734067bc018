package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** What the source filter reads of a packet: whose it is, and which port it goes to. */
@Struct
final class FilterPacket {
    /** Something else than TCP. */
    static final int OTHER = 0;
    /** A whole TCP header. */
    static final int SEGMENT = 1;
    /** A part of a TCP segment, or behind more headers than are read: there is no port to be had. */
    static final int PORTLESS = 2;
    /** What asks for the link-layer addresses of neighbours (RFC 4861): IPv6's ARP. */
    static final int NEIGHBOUR = 3;
    /** The headers are cut off or contradict themselves. */
    static final int MALFORMED = 4;

    private static final int TCP_HEADER = 20;
    private static final int DESTINATION_PORT = 2;
    private static final int TCP_FLAGS = 13;
    private static final int MAX_OFFSET = 0x7fff;
    private static final int MAPPED_IPV4 = 0xffff;
    private static final int ICMPV6 = 58;
    private static final int ICMPV6_HEADER = 4;
    private static final int ROUTER_SOLICITATION = 133;
    private static final int REDIRECT = 137;
    /** Nothing that a router has passed on has so many hops left. */
    private static final int ON_LINK_HOPS = 255;

    /** {@link #OTHER} to {@link #MALFORMED}. */
    @Unsigned
    int kind;

    /** The TCP port that it goes to, host order; 0 if it has none. */
    @Unsigned
    int port;

    /** Whether it asks for a new connection. */
    @Unsigned
    int opens;

    /** The source, IPv4 mapped into IPv6: bytes 0 to 3, network order as in memory. */
    @Unsigned
    int word0;

    @Unsigned
    int word1;

    @Unsigned
    int word2;

    @Unsigned
    int word3;

    /** Reads an IPv4 packet; when {@link #kind} is not {@link #MALFORMED}, its fixed header is covered. */
    void readIpv4(Packet network, PacketEnd end) {
        TransportHeader transport = new TransportHeader();
        if (!transport.parseIpv4(network, end)) {
            kind = MALFORMED;
            return;
        }
        word2 = ByteOrders.network32(MAPPED_IPV4);
        word3 = Ipv4Header.source(network);
        readTransport(network, end, transport);
    }

    /** Reads an IPv6 packet; when {@link #kind} is not {@link #MALFORMED}, its fixed header is covered. */
    void readIpv6(Packet network, PacketEnd end) {
        TransportHeader transport = new TransportHeader();
        if (!transport.parseIpv6(network, end)) {
            kind = MALFORMED;
            return;
        }
        word0 = Ipv6Header.addressWord(network, 0);
        word1 = Ipv6Header.addressWord(network, 1);
        word2 = Ipv6Header.addressWord(network, 2);
        word3 = Ipv6Header.addressWord(network, 3);
        if (isNeighbourDiscovery(network, end, transport)) {
            kind = NEIGHBOUR;
            return;
        }
        readTransport(network, end, transport);
    }

    private void readTransport(Packet network, PacketEnd end, TransportHeader transport) {
        if (transport.isExtensionNext()) {
            kind = PORTLESS;
        } else if (transport.protocol != TransportHeader.TCP) {
            kind = OTHER;
        } else if (transport.fragment != 0) {
            kind = PORTLESS;
        } else {
            readTcp(network.plus(transport.offset & MAX_OFFSET), end);
        }
    }

    private void readTcp(Packet header, PacketEnd end) {
        if (!end.covers(header, TCP_HEADER)) {
            kind = MALFORMED;
            return;
        }
        kind = SEGMENT;
        port = header.u16be(DESTINATION_PORT);
        opens = (header.u8(TCP_FLAGS) & (TcpSegment.SYN | TcpSegment.ACK)) == TcpSegment.SYN ? 1 : 0;
    }

    private static boolean isNeighbourDiscovery(Packet network, PacketEnd end, TransportHeader transport) {
        if (transport.protocol != ICMPV6 || transport.fragment != 0 || Ipv6Header.hopLimit(network) != ON_LINK_HOPS) {
            return false;
        }
        Packet message = network.plus(transport.offset & MAX_OFFSET);
        if (!end.covers(message, ICMPV6_HEADER)) {
            return false;
        }
        int type = message.u8(0);
        return type >= ROUTER_SOLICITATION && type <= REDIRECT;
    }
}
