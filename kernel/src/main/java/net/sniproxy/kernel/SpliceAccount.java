package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Kernel;

/** Keeps the books of a splice: bytes and packets, how far each side has come, and whether both have finished. */
final class SpliceAccount {
    private SpliceAccount() {}

    /** Notes a segment that is sent on. */
    static void note(TcpSegment segment, Flow flow, Splice splice) {
        SpliceDirection own = splice.of(flow.direction);
        SpliceDirection other = splice.against(flow.direction);
        int bytes = own.advance(segment.sequence, segment.payloadLength);
        if (bytes != 0) {
            splice.lastMoved = Kernel.coarseNanoTime();
        }
        count(flow, bytes);
        if (segment.has(TcpSegment.ACK)) {
            acknowledge(own, other, segment.acknowledgement, flow.acknowledgementDelta);
        }
        // Not again for one that is sent again: the other CPU may just be noting that it was acknowledged.
        if (segment.has(TcpSegment.FIN) && !own.has(SpliceDirection.FIN)) {
            own.state |= SpliceDirection.FIN;
        }
        if (segment.has(TcpSegment.RST)) {
            if (splice.state != Splice.RESET) {
                own.state |= SpliceDirection.RESET;
            }
            splice.state = Splice.RESET;
        } else if (splice.settledState() == Splice.CLOSED) {
            splice.state = Splice.CLOSED;
        }
    }

    private static void acknowledge(SpliceDirection own, SpliceDirection other, int acknowledgement, int delta) {
        if (acknowledgement - own.acknowledgement > 0) {
            own.acknowledgement = acknowledgement;
        }
        // The FIN has the sequence number behind the last byte.
        if (other.has(SpliceDirection.FIN) && acknowledgement + delta - other.next > 0) {
            other.state |= SpliceDirection.FIN_ACKNOWLEDGED;
        }
    }

    private static void count(Flow flow, int bytes) {
        if (!Variant.COUNTING) {
            return;
        }
        TrafficCounter.add(TrafficCounter.BYTES_SENT + flow.direction, bytes);
        TrafficCounter.add(TrafficCounter.PACKETS_SENT + flow.direction, 1);
        ConnectionStats stats = KernelMaps.CONNECTION_STATS.lookup(flow.splice);
        if (stats == null) {
            return;
        }
        if (flow.direction == Flow.UP) {
            stats.countSent(bytes);
        } else {
            stats.countReceived(bytes);
        }
    }
}
