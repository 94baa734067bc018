package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Kernel;

/** Keeps the books of a splice: bytes and packets, how far each side has come, and whether both have finished. */
final class SpliceAccount {
    private SpliceAccount() {}

    /** Notes a segment that is sent on. */
    static void note(TcpSegment segment, Flow flow, Splice splice) {
        SpliceDirection own = splice.of(flow.direction);
        SpliceDirection other = splice.against(flow.direction);
        int ahead = segment.sequence - own.next;
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
        if (segment.has(TcpSegment.RST) && resets(ahead, segment.sequence + flow.sequenceDelta, own, other)) {
            if (splice.state != Splice.RESET) {
                own.state |= SpliceDirection.RESET;
            }
            splice.state = Splice.RESET;
        } else if (splice.settledState() == Splice.CLOSED) {
            splice.state = Splice.CLOSED;
        }
    }

    /**
     * Whether the receiver takes an RST for the end. It does where the number is exactly the next one that it expects, and else asks
     * the sender (RFC 5961), whose answer has that number. What it expects is what it has acknowledged, or what lies behind
     * all that has passed, a FIN perhaps included.
     *
     * @param ahead how far the number is behind all that had passed before
     * @param translated the number on the receiver's leg
     */
    private static boolean resets(int ahead, int translated, SpliceDirection own, SpliceDirection other) {
        return ahead == 0 || ahead == 1 && own.has(SpliceDirection.FIN) || translated == other.acknowledgement;
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
