package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcContext;

/**
 * Turns a segment of one leg into the segment of the other: addresses, ports, sequence and acknowledgement number,
 * window, options, hop limit, ECN, checksums. Never changes a length, and leaves the TCP checksum to helpers, so that it is
 * right for what GRO has joined and for checksums that hardware completes too.
 */
final class SegmentRewrite {
    private static final int PORTS = 0;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int OFFSET_FLAGS_WINDOW = 12;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS_SHIFT = 16;
    private static final int CHECKSUM = 16;
    private static final int HEADER = 20;

    /** What Linux and most others send: two NOPs and timestamps, which begin at 24. */
    private static final int TIMESTAMPS_ONLY = 0x0101_080a;

    private static final int TIMESTAMPS_VALUE = 24;
    private static final int TIMESTAMPS_ECHO = 28;
    private static final int WITH_TIMESTAMPS = 32;

    private static final int ABOVE_WINDOW = 0xffff_0000;
    /** All but AE, CWR and ECE (RFC 3168, RFC 9768). */
    private static final int ABOVE_WINDOW_WITHOUT_ECN = 0xfe3f_0000;

    private static final int MAX_WINDOW = 0xffff;
    private static final int MAX_HEADER = 0x7fff;

    private SegmentRewrite() {}

    /**
     * Rewrites the packet in place.
     *
     * @return false when the packet must not be sent on
     */
    static boolean apply(TcContext packet, TcpSegment segment, Flow flow, Splice splice) {
        long addresses = segment.family == EthernetHeader.IPV4
                ? AddressRewrite.ipv4(packet, flow)
                : AddressRewrite.ipv6(packet, flow);
        return addresses != AddressRewrite.IMPOSSIBLE && tcp(packet, segment.offset, addresses, flow, splice);
    }

    /**
     * The TCP header. A function of its own, because the verifier would follow it anew for every place that IP options and
     * extension headers can put it at.
     *
     * @param offset where it begins in the frame
     * @param addresses what becomes of its checksum by the addresses
     */
    @BpfFunction
    static boolean tcp(TcContext packet, int offset, long addresses, Flow flow, Splice splice) {
        Packet header = packet.data().plus(offset & MAX_HEADER);
        if (!packet.dataEnd().covers(header, HEADER)) {
            return false;
        }
        ChecksumDelta delta = new ChecksumDelta();
        numbers(header, flow, delta);
        int length = header.u8(DATA_OFFSET) >> 4 << 2;
        if (length != HEADER && !options(packet, offset, length, flow, splice, delta)) {
            return false;
        }
        return packet.replaceL4Checksum(offset + CHECKSUM, 0, delta.folded(), 0) == 0
                && packet.replaceL4Checksum(offset + CHECKSUM, 0, addresses, TcContext.PSEUDO_HEADER) == 0;
    }

    private static void numbers(Packet header, Flow flow, ChecksumDelta delta) {
        replace(header, PORTS, flow.ports, delta);
        int sequence = header.u32be(SEQUENCE) + flow.sequenceDelta;
        replace(header, SEQUENCE, ByteOrders.network32(sequence), delta);
        int last = header.u32be(OFFSET_FLAGS_WINDOW);
        if ((last >>> FLAGS_SHIFT & TcpSegment.ACK) != 0) {
            int acknowledgement = header.u32be(ACKNOWLEDGEMENT) + flow.acknowledgementDelta;
            replace(header, ACKNOWLEDGEMENT, ByteOrders.network32(acknowledgement), delta);
        }
        int kept = (flow.flags & Flow.ECN) != 0 ? ABOVE_WINDOW : ABOVE_WINDOW_WITHOUT_ECN;
        int translated = last & kept | window(last & MAX_WINDOW, flow);
        replace(header, OFFSET_FLAGS_WINDOW, ByteOrders.network32(translated), delta);
    }

    /** The usual ones are rewritten where they are; others go the long way. */
    private static boolean options(
            TcContext packet, int offset, int length, Flow flow, Splice splice, ChecksumDelta delta) {
        Packet header = packet.data().plus(offset & MAX_HEADER);
        if (length == WITH_TIMESTAMPS
                && packet.dataEnd().covers(header, WITH_TIMESTAMPS)
                && header.u32be(HEADER) == TIMESTAMPS_ONLY) {
            int value = Timestamps.value(header.u32be(TIMESTAMPS_VALUE), flow, splice);
            replace(header, TIMESTAMPS_VALUE, ByteOrders.network32(value), delta);
            int echo = Timestamps.echo(header.u32be(TIMESTAMPS_ECHO), flow, splice);
            replace(header, TIMESTAMPS_ECHO, ByteOrders.network32(echo), delta);
            return true;
        }
        long change = OptionRewrite.apply(packet, offset + HEADER, length - HEADER, flow, splice);
        delta.sum += change;
        return change != OptionRewrite.IMPOSSIBLE;
    }

    private static void replace(Packet header, int at, int to, ChecksumDelta delta) {
        delta.replace(header.u32(at), to);
        header.setU32(at, to);
    }

    /**
     * The window in the units that the proxy announced to the receiver. A small window never becomes 0, which would stop
     * the receiver: what it may send too much is less than one unit.
     */
    static int window(int announced, Flow flow) {
        int window = announced << flow.windowScaleIn >>> flow.windowScaleOut;
        if (announced != 0 && window == 0) {
            return 1;
        }
        return Math.min(window, MAX_WINDOW);
    }
}
