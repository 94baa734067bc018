package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * The TCP segment (RFC 9293) in a frame. Offsets count from the start of the frame; numbers are in host order, sequence
 * numbers wrap.
 */
@Struct
final class TcpSegment {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;

    /** The segment was read. */
    static final int OK = 0;
    /** The frame carries something else. */
    static final int NOT_TCP = 1;
    /** A part of a larger packet. */
    static final int FRAGMENT = 2;
    /** A header is cut off, or contradicts itself, or is not in the linear part of the packet. */
    static final int MALFORMED = 3;

    private static final int MIN_LENGTH = 20;
    private static final int MAX_HEADER = 0x7fff;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;

    /** {@link EthernetHeader#IPV4} or {@link EthernetHeader#IPV6}. */
    @Unsigned
    int family;

    /** Where the IP header begins. */
    @Unsigned
    int networkOffset;

    /** Where the TCP header begins. */
    @Unsigned
    int offset;

    /** Bytes of the TCP header, 20 to 60. */
    @Unsigned
    int headerLength;

    /** Bytes of payload, from the IP header: short frames are padded behind it. */
    @Unsigned
    int payloadLength;

    @Unsigned
    int sourcePort;

    @Unsigned
    int destinationPort;

    @Unsigned
    int sequence;

    @Unsigned
    int acknowledgement;

    /** {@link #FIN}, {@link #SYN}, {@link #RST}, {@link #ACK} and the others. */
    @Unsigned
    int flags;

    /** As in the header, not scaled. */
    @Unsigned
    int window;

    /**
     * Reads a frame.
     *
     * @return {@link #OK}, {@link #NOT_TCP}, {@link #FRAGMENT} or {@link #MALFORMED}
     */
    int parse(TcContext context) {
        Packet frame = context.data();
        PacketEnd end = context.dataEnd();
        EthernetHeader ethernet = new EthernetHeader();
        if (!ethernet.parse(frame, end)) {
            return MALFORMED;
        }
        family = ethernet.type;
        networkOffset = ethernet.length;
        TransportHeader transport = new TransportHeader();
        Packet network = frame.plus(networkOffset);
        if (family == EthernetHeader.IPV4) {
            if (!transport.parseIpv4(network, end)) {
                return MALFORMED;
            }
        } else if (family == EthernetHeader.IPV6) {
            if (!transport.parseIpv6(network, end)) {
                return MALFORMED;
            }
        } else {
            return NOT_TCP;
        }
        if (transport.fragment != 0) {
            return FRAGMENT;
        }
        if (transport.protocol != TransportHeader.TCP) {
            return NOT_TCP;
        }
        offset = networkOffset + transport.offset;
        int packetEnd = transport.end == 0 ? context.len() : networkOffset + transport.end;
        return parseHeader(frame.plus(offset & MAX_HEADER), end, packetEnd);
    }

    /** Whether one of the {@link #flags} is set. */
    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Source port and behind it destination port, network order as in memory. */
    int portsInMemory() {
        return ByteOrders.network32(sourcePort << 16 | destinationPort);
    }

    private int parseHeader(Packet header, PacketEnd end, int packetEnd) {
        if (!end.covers(header, MIN_LENGTH)) {
            return MALFORMED;
        }
        headerLength = header.u8(DATA_OFFSET) >> 4 << 2;
        payloadLength = packetEnd - offset - headerLength;
        if (headerLength < MIN_LENGTH || payloadLength < 0) {
            return MALFORMED;
        }
        sourcePort = header.u16be(SOURCE_PORT);
        destinationPort = header.u16be(DESTINATION_PORT);
        sequence = header.u32be(SEQUENCE);
        acknowledgement = header.u32be(ACKNOWLEDGEMENT);
        flags = header.u8(FLAGS);
        window = header.u16be(WINDOW);
        return OK;
    }
}
