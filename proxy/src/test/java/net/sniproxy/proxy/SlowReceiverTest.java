package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.random;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver that stops reading: what the proxy holds for it is bounded, costs no processor, and arrives in the end. */
class SlowReceiverTest {
    private static final byte[] HELLO = Hellos.of("a.test");
    private static final int CONNECTIONS = 40;
    private static final int STEP = 65_536;
    private static final byte[] ENDLESS = random(32 << 20, 1);

    private final List<AutoCloseable> open = new ArrayList<>();
    private Backend backend;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        proxy = TestProxy.start("'routes': [{'match': 'a.test', 'upstream': '" + backend.target() + "'}]");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable socket : open) {
            socket.close();
        }
        proxy.close();
        backend.close();
    }

    /** A client whose receive buffer does not grow, and its upstream. */
    private record Pair(Socket client, Socket upstream) {
        Streams.Received receiveAll() throws IOException {
            client.setReceiveBufferSize(1 << 20);
            return receive(client);
        }
    }

    private Pair pair() throws IOException {
        Socket client = new Socket();
        open.add(client);
        client.setReceiveBufferSize(32_768);
        client.setSoTimeout(TestProxy.PATIENCE_MILLIS);
        client.connect(new InetSocketAddress("127.0.0.1", proxy.port()));
        client.getOutputStream().write(HELLO);
        Socket upstream = backend.accept();
        open.add(upstream);
        upstream.getInputStream().readNBytes(HELLO.length);
        return new Pair(client, upstream);
    }

    /**
     * Sends until the proxy has stopped reading and bytes wait in its receive queue, and then FIN, which finds its place behind
     * them at once. Returns what was sent.
     */
    private byte[] sendUntilTheProxyStopsReading(Socket upstream) throws Exception {
        int sent = 0;
        for (int waiting = 0; waiting < 20; ) {
            if (ReceiveQueue.bytes(upstream.getPort(), upstream.getLocalPort()) == 0) {
                upstream.getOutputStream().write(ENDLESS, sent, STEP);
                sent += STEP;
                waiting = 0;
            } else {
                waiting++;
                // Each event loop has had its turn, however busy the machine is.
                proxy.proxy().survey(open -> {});
                Thread.sleep(10);
            }
        }
        upstream.shutdownOutput();
        return Arrays.copyOf(ENDLESS, sent);
    }

    private static long directMemory() {
        return ((AdaptiveByteBufAllocator) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
    }

    @Test
    void shouldHoldAtMostTwoBuffersForEachOfManyStoppedReceivers() throws Exception {
        long before = directMemory();
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Pair pair = pair();
            pairs.add(pair);
            sent.add(Streams.sending(pair.upstream, ENDLESS));
        }

        CpuTime.awaitRest(() -> sent.stream().anyMatch(CompletableFuture::isDone));

        assertThat(directMemory() - before).isLessThan(CONNECTIONS * 256L * 1024);
        Pair other = pair();
        other.upstream.getOutputStream().write(ENDLESS, 0, 1_000);
        assertThat(other.client.getInputStream().readNBytes(1_000)).hasSize(1_000);
    }

    @Test
    void shouldNotReadOnBecauseTheSenderHasEnded() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        List<byte[]> responses = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Pair pair = pair();
            pairs.add(pair);
            responses.add(sendUntilTheProxyStopsReading(pair.upstream));
        }

        CpuTime.awaitRest(() -> false);

        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            assertThat(ReceiveQueue.bytes(pair.upstream.getPort(), pair.upstream.getLocalPort()))
                    .as("bytes left to the kernel")
                    .isPositive();
            assertThat(pair.receiveAll()).isEqualTo(expected(FIN, responses.get(i)));
        }
    }

    @Test
    void shouldRestWhileTheLastBytesOfAnEndedConnectionWait() throws Exception {
        Pair pair = pair();
        pair.client.shutdownOutput();
        assertThat(pair.upstream.getInputStream().read()).isEqualTo(-1);
        // Both directions of the upstream's socket are shut down then, and epoll reports that whoever asks or not.
        byte[] response = sendUntilTheProxyStopsReading(pair.upstream);

        CpuTime.awaitRest(() -> false);

        assertThat(pair.receiveAll()).isEqualTo(expected(FIN, response));
        assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.COMPLETED);
    }

    @Test
    void shouldRestWhenTheClientEndsAfterTheUpstream() throws Exception {
        Pair pair = pair();
        byte[] response = sendUntilTheProxyStopsReading(pair.upstream);
        CpuTime.awaitRest(() -> false);
        pair.client.shutdownOutput();
        assertThat(pair.upstream.getInputStream().read()).isEqualTo(-1);

        CpuTime.awaitRest(() -> false);

        assertThat(pair.receiveAll()).isEqualTo(expected(FIN, response));
        assertThat(proxy.nextClosed().bytesDown()).isEqualTo(response.length);
    }
}
