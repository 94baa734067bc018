package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.TcContext;

/**
 * Turns a segment of one leg into the segment of the other: addresses, ports, sequence and acknowledgement number,
 * window, options, hop limit, ECN, checksums. Works by helpers and never changes a length, so that it is right for what GRO
 * has joined and for checksums that hardware completes too.
 */
final class SegmentRewrite {
    /** Bytes from the ports to the window, all of which change. */
    private static final int HEADER = 16;

    private static final int PORTS = 0;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int OFFSET_FLAGS_WINDOW = 12;
    private static final int CHECKSUM = 16;

    private static final int ABOVE_WINDOW = 0xffff_0000;
    /** All but AE, CWR and ECE (RFC 3168, RFC 9768). */
    private static final int ABOVE_WINDOW_WITHOUT_ECN = 0xfe3f_0000;

    private static final int MAX_WINDOW = 0xffff;

    private SegmentRewrite() {}

    /**
     * Rewrites the packet in place.
     *
     * @param now nanoseconds on the monotonic clock
     * @return false when the packet must not be sent on
     */
    static boolean apply(TcContext packet, TcpSegment segment, Flow flow, Splice splice, long now) {
        ChecksumDelta delta = new ChecksumDelta();
        if (!OptionRewrite.apply(packet, segment, flow, splice, now, delta)) {
            return false;
        }
        return header(packet, segment, flow, delta)
                && packet.replaceL4Checksum(segment.offset + CHECKSUM, 0, delta.folded(), 0) == 0
                && PacketRewrite.apply(packet, segment, flow);
    }

    private static boolean header(TcContext packet, TcpSegment segment, Flow flow, ChecksumDelta delta) {
        Buffer header = Buffer.ofSize(HEADER);
        if (packet.loadBytes(segment.offset, header, HEADER) != 0) {
            return false;
        }
        replace(header, PORTS, flow.ports, delta);
        replace(header, SEQUENCE, ByteOrders.network32(segment.sequence + flow.sequenceDelta), delta);
        if (segment.has(TcpSegment.ACK)) {
            int acknowledgement = segment.acknowledgement + flow.acknowledgementDelta;
            replace(header, ACKNOWLEDGEMENT, ByteOrders.network32(acknowledgement), delta);
        }
        int kept = (flow.flags & Flow.ECN) != 0 ? ABOVE_WINDOW : ABOVE_WINDOW_WITHOUT_ECN;
        int last = header.u32be(OFFSET_FLAGS_WINDOW) & kept | window(segment.window, flow);
        replace(header, OFFSET_FLAGS_WINDOW, ByteOrders.network32(last), delta);
        return packet.storeBytes(segment.offset, header, HEADER, 0) == 0;
    }

    private static void replace(Buffer header, int at, int to, ChecksumDelta delta) {
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
