package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who owns a segment, in every state. */
class SpliceOwnerTest {
    /** Where the client's stream stands behind its hello, and the acknowledgement of the hello by the upstream. */
    private static final int UP_THRESHOLD = -3;

    private static final int DOWN_THRESHOLD = 5_000;
    /** The number of the client's SYN, relative to its threshold. */
    private static final int INITIAL = -518;

    /** A segment in a state; the numbers are relative to the threshold. */
    record Case(
            String name,
            int state,
            int direction,
            int flags,
            int sequence,
            int payload,
            int acked,
            int owner,
            int after) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                up("hello sent again", Splice.ARMED, TcpSegment.ACK, -517, 517, SpliceOwner.STACK, Splice.ARMED),
                up("bare acknowledgement", Splice.ARMED, TcpSegment.ACK, 0, 0, SpliceOwner.STACK, Splice.ARMED),
                up("early data", Splice.ARMED, TcpSegment.ACK, 0, 900, SpliceOwner.SPLICE, Splice.ARMED),
                up("early data further on", Splice.ARMED, TcpSegment.ACK, 900, 900, SpliceOwner.SPLICE, Splice.ARMED),
                up("hello and early data", Splice.ARMED, TcpSegment.ACK, -517, 600, SpliceOwner.NOBODY, Splice.ARMED),
                up("FIN behind the hello", Splice.ARMED, TcpSegment.FIN, 0, 0, SpliceOwner.SPLICE, Splice.ARMED),
                up("hello with FIN", Splice.ARMED, TcpSegment.FIN, -517, 517, SpliceOwner.NOBODY, Splice.ARMED),
                up("RST while armed", Splice.ARMED, TcpSegment.RST, 0, 0, SpliceOwner.STACK, Splice.ARMED),
                up("SYN while armed", Splice.ARMED, TcpSegment.SYN, INITIAL, 0, SpliceOwner.STACK, Splice.ARMED),
                up("data", Splice.SPLICED, TcpSegment.ACK, 10, 900, SpliceOwner.SPLICE, Splice.SPLICED),
                up("hello, late", Splice.SPLICED, TcpSegment.ACK, -517, 517, SpliceOwner.SPLICE, Splice.SPLICED),
                up("old SYN", Splice.SPLICED, TcpSegment.SYN, INITIAL, 0, SpliceOwner.SPLICE, Splice.SPLICED),
                up("new or forged SYN", Splice.SPLICED, TcpSegment.SYN, 70_000, 0, SpliceOwner.SPLICE, Splice.SPLICED),
                up("SYN in the window", Splice.SPLICED, TcpSegment.SYN, 0, 0, SpliceOwner.SPLICE, Splice.SPLICED),
                up(
                        "SYN and RST",
                        Splice.SPLICED,
                        TcpSegment.SYN | TcpSegment.RST,
                        0,
                        0,
                        SpliceOwner.NOBODY,
                        Splice.SPLICED),
                up(
                        "old SYN after the end",
                        Splice.CLOSED,
                        TcpSegment.SYN,
                        INITIAL,
                        0,
                        SpliceOwner.NOBODY,
                        Splice.CLOSED),
                up(
                        "new SYN shortly before the old one",
                        Splice.CLOSED,
                        TcpSegment.SYN,
                        INITIAL - 1,
                        0,
                        SpliceOwner.STACK,
                        Splice.REPLACED),
                up(
                        "new SYN where the hello was, after RST",
                        Splice.RESET,
                        TcpSegment.SYN,
                        INITIAL + 1,
                        0,
                        SpliceOwner.STACK,
                        Splice.REPLACED),
                up(
                        "new SYN after the end",
                        Splice.CLOSED,
                        TcpSegment.SYN,
                        70_000,
                        0,
                        SpliceOwner.STACK,
                        Splice.REPLACED),
                up(
                        "the new connection",
                        Splice.REPLACED,
                        TcpSegment.ACK,
                        70_001,
                        517,
                        SpliceOwner.STACK,
                        Splice.REPLACED),
                up(
                        "data of the relay",
                        Splice.LEFT_TO_RELAY,
                        TcpSegment.ACK,
                        0,
                        9,
                        SpliceOwner.STACK,
                        Splice.LEFT_TO_RELAY),
                up("last acknowledgement", Splice.CLOSED, TcpSegment.ACK, 1, 0, SpliceOwner.SPLICE, Splice.CLOSED),
                up("after RST", Splice.RESET, TcpSegment.ACK, 1, 5, SpliceOwner.SPLICE, Splice.RESET),
                up("revoked", Splice.REVOKED, TcpSegment.ACK, 1, 5, SpliceOwner.NOBODY, Splice.REVOKED),
                down("half of the hello", Splice.ARMED, TcpSegment.ACK, 0, -1, SpliceOwner.STACK, Splice.ARMED),
                down("the whole hello", Splice.ARMED, TcpSegment.ACK, 0, 0, SpliceOwner.STACK, Splice.SPLICED),
                down("it with data", Splice.ARMED, TcpSegment.ACK, 1_400, 0, SpliceOwner.SPLICE, Splice.SPLICED),
                down("hello and early data", Splice.ARMED, TcpSegment.ACK, 0, 900, SpliceOwner.STACK, Splice.SPLICED),
                down(
                        "it with FIN",
                        Splice.ARMED,
                        TcpSegment.ACK | TcpSegment.FIN,
                        0,
                        0,
                        SpliceOwner.SPLICE,
                        Splice.SPLICED),
                down("spoke too early", Splice.ARMED, TcpSegment.ACK, 7, -1, SpliceOwner.STACK, Splice.LEFT_TO_RELAY),
                down(
                        "finished too early",
                        Splice.ARMED,
                        TcpSegment.ACK | TcpSegment.FIN,
                        0,
                        -1,
                        SpliceOwner.STACK,
                        Splice.LEFT_TO_RELAY),
                down("refused", Splice.ARMED, TcpSegment.RST | TcpSegment.ACK, 0, 0, SpliceOwner.STACK, Splice.ARMED),
                down(
                        "old SYN-ACK",
                        Splice.SPLICED,
                        TcpSegment.SYN | TcpSegment.ACK,
                        0,
                        -600,
                        SpliceOwner.NOBODY,
                        Splice.SPLICED),
                down(
                        "SYN-ACK of an upstream that has forgotten the connection",
                        Splice.SPLICED,
                        TcpSegment.SYN | TcpSegment.ACK,
                        0,
                        70_000,
                        SpliceOwner.NOBODY,
                        Splice.SPLICED),
                down(
                        "SYN-ACK for a new connection from the same port, after the end",
                        Splice.CLOSED,
                        TcpSegment.SYN | TcpSegment.ACK,
                        0,
                        70_000,
                        SpliceOwner.STACK,
                        Splice.REPLACED),
                down("data", Splice.SPLICED, TcpSegment.ACK, 9, 0, SpliceOwner.SPLICE, Splice.SPLICED));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldHaveOneOwner(Case given) {
        Splice splice = new Splice();
        splice.state = given.state();
        Flow flow = new Flow();
        flow.direction = (byte) given.direction();
        flow.threshold = given.direction() == Flow.UP ? UP_THRESHOLD : DOWN_THRESHOLD;
        flow.initial = UP_THRESHOLD + INITIAL;
        TcpSegment segment = new TcpSegment();
        segment.flags = given.flags();
        segment.sequence = UP_THRESHOLD + given.sequence();
        segment.payloadLength = given.payload();
        segment.acknowledgement = DOWN_THRESHOLD + given.acked();

        assertThat(SpliceOwner.of(splice, flow, segment)).isEqualTo(given.owner());
        assertThat(splice.state).isEqualTo(given.after());
    }

    /** Two CPUs noted the last acknowledgements at the same moment, and neither saw the other's. */
    @Test
    void shouldLetANewConnectionTakeThePlaceOfOneWhoseEndNoPacketNoticed() {
        Splice splice = new Splice();
        splice.state = Splice.SPLICED;
        splice.up.state = SpliceDirection.FIN | SpliceDirection.FIN_ACKNOWLEDGED;
        splice.down.state = SpliceDirection.FIN | SpliceDirection.FIN_ACKNOWLEDGED;
        TcpSegment segment = new TcpSegment();
        segment.flags = TcpSegment.SYN;
        segment.sequence = 1;

        assertThat(SpliceOwner.of(splice, new Flow(), segment)).isEqualTo(SpliceOwner.STACK);
        assertThat(splice.state).isEqualTo(Splice.REPLACED);
    }

    private static Case up(String name, int state, int flags, int sequence, int payload, int owner, int after) {
        return new Case("up: " + name, state, Flow.UP, flags, sequence, payload, 0, owner, after);
    }

    private static Case down(String name, int state, int flags, int payload, int acked, int owner, int after) {
        return new Case("down: " + name, state, Flow.DOWN, flags, 0, payload, acked, owner, after);
    }
}
