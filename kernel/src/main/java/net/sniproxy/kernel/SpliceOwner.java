package net.sniproxy.kernel;

/**
 * Decides who owns a segment of a known flow: the local stack or the splice. Nothing is ever owned twice: until the
 * upstream has acknowledged the ClientHello, the local sockets own it and what acknowledges it; all else is the splice's.
 */
final class SpliceOwner {
    /** For the local stack. */
    static final int STACK = 0;
    /** To be rewritten and sent on. */
    static final int SPLICE = 1;
    /** For nobody: the sender will send it again, to the right owner. */
    static final int NOBODY = 2;

    private SpliceOwner() {}

    /** Whose the segment is; moves the state on where the segment does that. */
    static int of(Splice splice, Flow flow, TcpSegment segment) {
        if (segment.has(TcpSegment.SYN)) {
            return ofSyn(splice, flow, segment);
        }
        return switch (splice.state) {
            case Splice.ARMED ->
                flow.direction == Flow.UP ? ofArmedUp(flow, segment) : ofArmedDown(splice, flow, segment);
            case Splice.SPLICED, Splice.CLOSED, Splice.RESET -> SPLICE;
            case Splice.REVOKED -> NOBODY;
            default -> STACK;
        };
    }

    /**
     * A SYN on an open connection ends nothing, as anybody may have forged it: the upstream, whose TCP holds the connection, answers
     * with a challenge ACK (RFC 5961). A client that has forgotten the connection answers that with RST, and its next SYN finds the
     * place free. An upstream opens nothing: what it answers to such a SYN, once it has forgotten the connection itself, is no
     * business of the client's, whose hello nobody has seen.
     *
     * <p>When the connection is over, a SYN tells that its addresses and ports are those of a new one: of a client that comes
     * again, or of the proxy's own (the upstream's SYN-ACK). The one that opened the old connection may come late once more.
     */
    private static int ofSyn(Splice splice, Flow flow, TcpSegment segment) {
        int state = splice.settledState();
        if (state == Splice.ARMED || state == Splice.LEFT_TO_RELAY || state == Splice.REPLACED) {
            return STACK;
        }
        if (state == Splice.SPLICED) {
            // Nobody sends both; as an RST it would count for the upstream, and not in the books.
            boolean nonsense = segment.has(TcpSegment.RST);
            return flow.direction == Flow.UP && !nonsense ? SPLICE : NOBODY;
        }
        if (segment.sequence == flow.initial) {
            return NOBODY;
        }
        splice.state = Splice.REPLACED;
        return STACK;
    }

    /**
     * Data behind the ClientHello (0-RTT) is forwarded even before the hello has arrived: the upstream's stack puts the
     * two in order. A segment that holds both belongs to nobody yet: the local stack would acknowledge bytes that it
     * does not send on.
     */
    private static int ofArmedUp(Flow flow, TcpSegment segment) {
        int end = segment.sequence + segment.payloadLength;
        if (segment.has(TcpSegment.RST) || end - flow.threshold <= 0 && !segment.has(TcpSegment.FIN)) {
            return STACK;
        }
        return segment.sequence - flow.threshold < 0 ? NOBODY : SPLICE;
    }

    /** A bare acknowledgement also goes to the local stack, which learns from it that the ClientHello has arrived. */
    private static int ofArmedDown(Splice splice, Flow flow, TcpSegment segment) {
        if (segment.has(TcpSegment.RST)) {
            return STACK;
        }
        boolean bare = segment.payloadLength == 0 && !segment.has(TcpSegment.FIN);
        if (segment.has(TcpSegment.ACK) && segment.acknowledgement - flow.threshold >= 0) {
            splice.state = Splice.SPLICED;
            return bare ? STACK : SPLICE;
        }
        if (!bare) {
            splice.state = Splice.LEFT_TO_RELAY;
        }
        return STACK;
    }
}
