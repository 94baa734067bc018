package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.End.RST;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.random;
import static net.sniproxy.proxy.Streams.receive;
import static net.sniproxy.proxy.Streams.receiving;
import static net.sniproxy.proxy.Streams.sending;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Both directions between a client and an upstream: bytes, counts, ends; on every transport. */
@ParameterizedClass
@MethodSource("transports")
class RelayTest {
    private static final int MEGABYTE = 1 << 20;
    /** So often, or more, the proxy looks at each connection. */
    private static final Duration SWEEP = Duration.ofMillis(500);

    private static final byte[] HELLO = Hellos.of("a.test");

    private final Transport transport;
    private Backend backend;
    private TestProxy proxy;
    private Socket client;
    private Socket upstream;

    RelayTest(Transport transport) {
        this.transport = transport;
    }

    static Stream<Transport> transports() {
        assertThat(Transport.best().limitation())
                .as("the native transport is there")
                .isEmpty();
        return Stream.of(Transport.best(), Transport.nio());
    }

    @BeforeEach
    void connect() throws Exception {
        backend = new Backend();
        proxy = TestProxy.start(transport, config("10m"));
        client = proxy.connect();
    }

    private String config(String idle) {
        return "'routes': [{'match': 'a.test', 'upstream': '" + backend.target() + "'}], 'timeouts': {'idle': '" + idle
                + "'}";
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        if (upstream != null) {
            upstream.close();
        }
        proxy.close();
        backend.close();
    }

    /** Writes until nobody takes any more. */
    private static void fill(Socket socket) throws InterruptedException {
        var written = new AtomicLong();
        Streams.async(() -> {
            byte[] piece = new byte[65_536];
            while (true) {
                socket.getOutputStream().write(piece);
                written.addAndGet(piece.length);
            }
        });
        long before;
        do {
            before = written.get();
            Thread.sleep(200); // So long nothing was taken.
        } while (before == 0 || written.get() != before);
    }

    /** Each direction waits for its receiver, and reads nothing meanwhile that could tell an end. */
    @Test
    void shouldEndWhenBothSidesResetAndNeitherHasRead() throws Exception {
        sendHello();
        fill(client);
        fill(upstream);
        Streams.reset(client);
        Streams.reset(upstream);
        assertThat(proxy.nextClosed().ending()).isIn(Ending.CLIENT_RESET, Ending.UPSTREAM_RESET);
    }

    private void sendHello() throws IOException {
        client.getOutputStream().write(HELLO);
        upstream = backend.accept();
        assertThat(upstream.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
    }

    private void assertEnd(Ending ending, long up, long down) throws InterruptedException {
        Closed end = proxy.nextClosed();
        assertThat(end.ending()).as(end.toString()).isEqualTo(ending);
        assertThat(end.bytesUp()).isEqualTo(up);
        assertThat(end.bytesDown()).isEqualTo(down);
    }

    @Test
    void shouldCarryBothDirectionsAtOnceByteForByte() throws Exception {
        sendHello();
        byte[] request = random(24 * MEGABYTE, 1);
        byte[] response = random(16 * MEGABYTE, 2);

        var sent = sending(client, request);
        var answered = sending(upstream, response);
        var atUpstream = receiving(upstream);
        var atClient = receiving(client);

        assertThat(atUpstream.join()).isEqualTo(expected(FIN, request));
        assertThat(atClient.join()).isEqualTo(expected(FIN, response));
        sent.join();
        answered.join();
        assertEnd(Ending.COMPLETED, HELLO.length + request.length, response.length);
    }

    @Test
    void shouldSendTheClientsFinBehindItsLastByteAndKeepTheOtherDirectionOpen() throws Exception {
        sendHello();
        byte[] request = random(8 * MEGABYTE, 3);
        var sent = sending(client, request);

        assertThat(receive(upstream)).isEqualTo(expected(FIN, request));
        sent.join();
        byte[] response = random(MEGABYTE, 4);
        var answered = sending(upstream, response);
        assertThat(receive(client)).isEqualTo(expected(FIN, response));
        answered.join();

        assertEnd(Ending.COMPLETED, HELLO.length + request.length, response.length);
    }

    @Test
    void shouldSendTheUpstreamsFinBehindItsLastByteAndKeepTheOtherDirectionOpen() throws Exception {
        sendHello();
        byte[] response = random(8 * MEGABYTE, 5);
        var answered = sending(upstream, response);

        assertThat(receive(client)).isEqualTo(expected(FIN, response));
        answered.join();
        byte[] request = random(MEGABYTE, 6);
        var sent = sending(client, request);
        assertThat(receive(upstream)).isEqualTo(expected(FIN, request));
        sent.join();

        assertEnd(Ending.COMPLETED, HELLO.length + request.length, response.length);
    }

    @Test
    void shouldRelayAHelloThatComesWithDataAndFinInOneSegment() throws Exception {
        byte[] early = random(600, 7);
        byte[] all = new byte[HELLO.length + early.length];
        System.arraycopy(HELLO, 0, all, 0, HELLO.length);
        System.arraycopy(early, 0, all, HELLO.length, early.length);
        client.getOutputStream().write(all);
        client.shutdownOutput();

        upstream = backend.accept();
        assertThat(receive(upstream)).isEqualTo(expected(FIN, all));
        byte[] response = random(5_000, 8);
        sending(upstream, response).join();
        assertThat(receive(client)).isEqualTo(expected(FIN, response));

        assertEnd(Ending.COMPLETED, all.length, response.length);
    }

    @Test
    void shouldTurnTheClientsResetIntoAReset() throws Exception {
        sendHello();
        byte[] part = random(10_000, 9);
        client.getOutputStream().write(part);
        assertThat(upstream.getInputStream().readNBytes(part.length)).isEqualTo(part);

        Streams.reset(client);

        assertThat(receive(upstream)).isEqualTo(expected(RST));
        assertEnd(Ending.CLIENT_RESET, HELLO.length + part.length, 0);
    }

    @Test
    void shouldTurnTheUpstreamsResetIntoAReset() throws Exception {
        sendHello();
        byte[] part = random(10_000, 10);
        upstream.getOutputStream().write(part);
        assertThat(client.getInputStream().readNBytes(part.length)).isEqualTo(part);

        Streams.reset(upstream);

        assertThat(receive(client)).isEqualTo(expected(RST));
        assertEnd(Ending.UPSTREAM_RESET, HELLO.length, part.length);
    }

    @Test
    void shouldNoticeAResetWhileTheReceiverIsStopped() throws Exception {
        sendHello();
        var sent = Streams.async(() -> {
            upstream.getOutputStream().write(random(64 * MEGABYTE, 11));
            return null;
        });
        CpuTime.awaitRest(sent::isDone);

        Streams.reset(upstream);

        assertThat(receive(client).end()).isEqualTo(RST);
        assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.UPSTREAM_RESET);
        assertThat(sent).failsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Test
    void shouldResetBothSidesWhenNothingMovesForTheIdleTime() throws Exception {
        sendHello();
        byte[] part = random(1_000, 12);
        upstream.getOutputStream().write(part);
        client.getInputStream().readNBytes(part.length);
        // The reload is for connections too that have been seen at rest under the longer idle time.
        Thread.sleep(SWEEP.multipliedBy(2));
        proxy.reload(config("500ms"));

        assertThat(receive(client)).isEqualTo(expected(RST));
        assertThat(receive(upstream)).isEqualTo(expected(RST));
        assertEnd(Ending.IDLE_TIMEOUT, HELLO.length, part.length);
    }

    @Test
    void shouldDeliverAnAnswerThatWasSentBeforeTheUpstreamRefusedTheRest() throws Exception {
        sendHello();
        byte[] answer = random(2_000, 13);
        upstream.getOutputStream().write(answer);
        upstream.shutdownOutput();
        assertThat(client.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
        // Closing with unread bytes in its queue makes the upstream's kernel send RST.
        client.getOutputStream().write(random(100_000, 14));
        while (upstream.getInputStream().available() == 0) {
            Thread.onSpinWait();
        }
        upstream.close();

        assertThat(receive(client).bytes()).isZero();
        client.shutdownOutput();
        assertThat(proxy.nextClosed().bytesDown()).isEqualTo(answer.length);
    }
}
