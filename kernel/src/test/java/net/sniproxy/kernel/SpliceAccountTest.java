package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import net.sniproxy.bpf.compiler.lang.Kernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The books of a splice: the client's stream is 1,000 further on the upstream's leg, the upstream's 500 further on the client's. */
class SpliceAccountTest {
    private static final long ID = 9;
    private static final int CLIENT_NEXT = 100;
    private static final int UPSTREAM_NEXT = 7_000;
    private static final int UP_DELTA = 1_000;
    private static final int DOWN_DELTA = 500;

    private final Flow up = flow(Flow.UP, UP_DELTA, -DOWN_DELTA);
    private final Flow down = flow(Flow.DOWN, DOWN_DELTA, -UP_DELTA);
    private final Splice splice = new Splice();
    private long now = 1;

    private static Flow flow(int direction, int sequenceDelta, int acknowledgementDelta) {
        Flow flow = new Flow();
        flow.splice = ID;
        flow.direction = (byte) direction;
        flow.sequenceDelta = sequenceDelta;
        flow.acknowledgementDelta = acknowledgementDelta;
        return flow;
    }

    @BeforeEach
    void begin() {
        Kernel.setClock(() -> now);
        splice.state = Splice.SPLICED;
        splice.up.next = CLIENT_NEXT;
        splice.down.next = UPSTREAM_NEXT;
        KernelMaps.CONNECTION_STATS.update(ID, new ConnectionStats(), 0);
        KernelMaps.TRAFFIC_STATS.clear();
    }

    @AfterEach
    void clear() {
        Kernel.setClock(System::nanoTime);
        KernelMaps.CONNECTION_STATS.entries().clear();
        KernelMaps.TRAFFIC_STATS.clear();
    }

    /** @param received bytes of the other stream that it acknowledges, its FIN included */
    private void client(int flags, int sequence, int payload, int received) {
        int acknowledgement = UPSTREAM_NEXT + DOWN_DELTA + received;
        SpliceAccount.note(segment(flags, sequence, payload, acknowledgement), up, splice);
    }

    private void upstream(int flags, int sequence, int payload, int received) {
        int acknowledgement = CLIENT_NEXT + UP_DELTA + received;
        SpliceAccount.note(segment(flags, sequence, payload, acknowledgement), down, splice);
    }

    private static TcpSegment segment(int flags, int sequence, int payload, int acknowledgement) {
        TcpSegment segment = new TcpSegment();
        segment.flags = flags;
        segment.sequence = sequence;
        segment.payloadLength = payload;
        segment.acknowledgement = acknowledgement;
        return segment;
    }

    @Test
    void shouldBeClosedWhenBothFinsAreAcknowledgedAndNotBefore() {
        client(TcpSegment.ACK | TcpSegment.FIN, CLIENT_NEXT, 10, 0);
        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 0, 10);
        assertThat(splice.up.has(SpliceDirection.FIN_ACKNOWLEDGED))
                .as("the last byte, but not the FIN")
                .isFalse();
        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 20, 11);
        assertThat(splice.up.has(SpliceDirection.FIN_ACKNOWLEDGED)).isTrue();
        assertThat(splice.state).as("half-closed").isEqualTo(Splice.SPLICED);

        upstream(TcpSegment.ACK | TcpSegment.FIN, UPSTREAM_NEXT + 20, 0, 11);
        client(TcpSegment.ACK, CLIENT_NEXT + 11, 0, 20);
        assertThat(splice.state).isEqualTo(Splice.SPLICED);
        client(TcpSegment.ACK, CLIENT_NEXT + 11, 0, 21);
        assertThat(splice.state).isEqualTo(Splice.CLOSED);
    }

    @Test
    void shouldRememberWhoseResetCameFirst() {
        upstream(TcpSegment.RST, UPSTREAM_NEXT, 0, 0);
        assertThat(splice.state).isEqualTo(Splice.RESET);
        client(TcpSegment.RST, CLIENT_NEXT, 0, 0);
        assertThat(splice.down.has(SpliceDirection.RESET)).isTrue();
        assertThat(splice.up.has(SpliceDirection.RESET)).isFalse();
    }

    /**
     * The client has sent 10 bytes and perhaps FIN, of which the upstream has acknowledged 4.
     *
     * @param at the number of the RST, relative to the client's first byte
     */
    @ParameterizedTest(name = "RST at {0}, FIN sent: {1}")
    @CsvSource({
        "10, false, true",
        "4, false, true",
        "11, true, true",
        "10, true, true",
        "4, true, true",
        "11, false, false",
        "9, false, false",
        "5, false, false",
        "3, false, false",
        "12, true, false",
        "-1, false, false",
        "60000, false, false",
        "-2147483648, true, false"
    })
    void shouldTakeAResetForTheEndOnlyWhereTheReceiverDoes(int at, boolean finished, boolean end) {
        client(TcpSegment.ACK | (finished ? TcpSegment.FIN : 0), CLIENT_NEXT, 10, 0);
        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 0, 4);
        client(TcpSegment.RST, CLIENT_NEXT + at, 0, 0);
        assertThat(splice.state).isEqualTo(end ? Splice.RESET : Splice.SPLICED);
        assertThat(splice.up.has(SpliceDirection.RESET)).isEqualTo(end);
    }

    @Test
    void shouldNotBeMovedByAForgedResetThatCarriesBytes() {
        client(TcpSegment.RST, CLIENT_NEXT - 10, 10, 0);
        assertThat(splice.state).isEqualTo(Splice.SPLICED);
    }

    /** A receiver that lacks something in front of the RST asks; the answer has the number that it asked with. */
    @Test
    void shouldTakeTheAnswerToAChallengeForTheEnd() {
        client(TcpSegment.ACK, CLIENT_NEXT, 10, 0);
        client(TcpSegment.RST, CLIENT_NEXT + 500, 0, 0);
        assertThat(splice.state).isEqualTo(Splice.SPLICED);
        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 0, 7);
        client(TcpSegment.RST, CLIENT_NEXT + 7, 0, 0);
        assertThat(splice.state).isEqualTo(Splice.RESET);
    }

    /** What comes from a peer whose other side has vanished must not keep the connection. */
    @Test
    void shouldTakeNothingButNewBytesForMovement() {
        now = 5;
        client(TcpSegment.ACK, CLIENT_NEXT, 10, 0);
        assertThat(splice.lastMoved).isEqualTo(5);

        now = 6;
        client(TcpSegment.ACK, CLIENT_NEXT, 10, 0);
        client(TcpSegment.ACK, CLIENT_NEXT + 9, 1, 0);
        client(TcpSegment.ACK, CLIENT_NEXT + 10, 0, 0);
        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 0, 10);
        assertThat(splice.lastMoved).isEqualTo(5);

        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 1, 10);
        assertThat(splice.lastMoved).isEqualTo(6);
    }

    @Test
    void shouldRememberTheLatestAcknowledgementOfEach() {
        splice.up.acknowledgement = UPSTREAM_NEXT + DOWN_DELTA;
        client(TcpSegment.ACK, CLIENT_NEXT, 0, 30);
        client(TcpSegment.ACK, CLIENT_NEXT, 0, 10);
        assertThat(splice.up.acknowledgement).isEqualTo(UPSTREAM_NEXT + DOWN_DELTA + 30);
    }

    @Test
    void shouldCountEachDirectionForTheConnectionAndInAll() {
        client(TcpSegment.ACK, CLIENT_NEXT, 10, 0);
        client(TcpSegment.ACK, CLIENT_NEXT, 10, 0);
        upstream(TcpSegment.ACK, UPSTREAM_NEXT, 300, 10);

        ConnectionStats stats = KernelMaps.CONNECTION_STATS.lookup(ID);
        assertThat(stats.bytesSent).isEqualTo(10);
        assertThat(stats.packetsSent).isEqualTo(2);
        assertThat(stats.bytesReceived).isEqualTo(300);
        assertThat(stats.packetsReceived).isEqualTo(1);
        assertThat(total(TrafficCounter.BYTES_SENT)).isEqualTo(10);
        assertThat(total(TrafficCounter.PACKETS_SENT)).isEqualTo(2);
        assertThat(total(TrafficCounter.BYTES_RECEIVED)).isEqualTo(300);
        assertThat(total(TrafficCounter.PACKETS_RECEIVED)).isEqualTo(1);
    }

    private static long total(int counter) {
        return KernelMaps.TRAFFIC_STATS.values().get(counter).value;
    }
}
