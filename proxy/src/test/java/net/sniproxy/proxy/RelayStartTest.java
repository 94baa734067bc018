package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.End.RST;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.random;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.proxy.datapath.relay.Relay;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.transport.LegOptions;
import net.sniproxy.proxy.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A relay begins with bytes that do not fit into the upstream's send buffer, as when a Fast Open takes the first segment of a hello
 * along and the rest waits for the answer.
 */
@ParameterizedClass
@MethodSource("net.sniproxy.proxy.RelayTest#transports")
class RelayStartTest {
    private static final int SEND_BUFFER = 32_768;
    /** Fits neither into that nor into the queue of a receiver that does not read yet. */
    private static final byte[] FIRST_BYTES = random(2 << 20, 1);

    private static final byte[] MORE = random(50_000, 2);
    private static final byte[] ANSWER = random(100_000, 3);
    private static final byte[] LAST_WORDS = random(1_000, 4);

    private final Transport transport;
    private final Backend clients = new Backend();
    private final Backend upstreams = new Backend();
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();
    private EventLoopGroup loop;
    private SocketChannel clientLeg;
    private SocketChannel upstreamLeg;
    private Socket client;
    private Socket upstream;
    private Relay relay;

    RelayStartTest(Transport transport) {
        this.transport = transport;
    }

    @BeforeEach
    void connect() throws Exception {
        loop = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
        clientLeg = leg(clients);
        client = clients.accept();
        upstreamLeg = leg(upstreams);
        upstream = upstreams.accept();
        relay = new Relay(clientLeg, upstreamLeg, Optional.empty(), new Remembering());
    }

    @AfterEach
    void stop() throws Exception {
        loop.shutdownGracefully(0, TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .sync();
        client.close();
        upstream.close();
        clients.close();
        upstreams.close();
    }

    /** The relay's socket of one leg. */
    private SocketChannel leg(Backend peer) throws InterruptedException {
        var address = new InetSocketAddress("127.0.0.1", peer.port());
        SocketChannel leg = transport.socket(address);
        leg.config().setOption(ChannelOption.SO_SNDBUF, SEND_BUFFER);
        LegOptions.apply(leg);
        loop.register(leg).sync();
        leg.connect(address).sync();
        return leg;
    }

    private interface Action {
        void run() throws IOException;
    }

    private void onTheLoop(Action action) throws InterruptedException {
        loop.submit(() -> {
                    action.run();
                    return null;
                })
                .sync();
    }

    @Test
    void shouldSendTheClientsFinBehindFirstBytesThatAreStillBeingWritten() throws Exception {
        onTheLoop(() -> {
            relay.start(Unpooled.EMPTY_BUFFER, Unpooled.wrappedBuffer(FIRST_BYTES));
            relay.clientEnded();
        });

        assertThat(receive(upstream)).isEqualTo(expected(FIN, FIRST_BYTES));
        assertAnswered(FIRST_BYTES.length);
    }

    @Test
    void shouldReadNothingMoreUntilTheFirstBytesAreWritten() throws Exception {
        onTheLoop(() -> {
            relay.start(Unpooled.EMPTY_BUFFER, Unpooled.wrappedBuffer(FIRST_BYTES));
            assertThat(clientLeg.config().isAutoRead()).isFalse();
        });

        var sent = Streams.sending(client, MORE);
        assertThat(receive(upstream)).isEqualTo(expected(FIN, FIRST_BYTES, MORE));
        sent.join();
        assertAnswered(FIRST_BYTES.length + MORE.length);
    }

    private void assertAnswered(int up) throws Exception {
        onTheLoop(relay::movedSinceLastAsked);
        Streams.sending(upstream, ANSWER).join();
        assertThat(receive(client)).isEqualTo(expected(FIN, ANSWER));
        onTheLoop(() -> {
            assertThat(relay.movedSinceLastAsked()).as("downwards").isTrue();
            assertThat(relay.movedSinceLastAsked()).isFalse();
        });
        client.close();
        assertThat(ended)
                .succeedsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .isEqualTo(Ending.COMPLETED);
        assertThat(relay.bytes()).isEqualTo(ByteCounts.relayed(up, ANSWER.length));
    }

    @Test
    void shouldReleaseWhatAnUpstreamThatIsGoneDoesNotTakeAndReadNoMore() throws Exception {
        ByteBuf prefix = Unpooled.copiedBuffer(MORE);
        ByteBuf firstBytes = Unpooled.copiedBuffer(FIRST_BYTES);

        onTheLoop(() -> {
            upstreamLeg.close();
            relay.start(prefix, firstBytes);
            assertThat(clientLeg.config().isAutoRead()).isFalse();
        });

        assertThat(prefix.refCnt()).isZero();
        assertThat(firstBytes.refCnt()).isZero();
        assertThat(relay.bytes()).isEqualTo(ByteCounts.NONE);
    }

    @Test
    void shouldDeliverWhatTheUpstreamSentBeforeTheResetThatTheFirstBytesMeet() throws Exception {
        int at = upstream.getPort();
        int from = upstream.getLocalPort();
        onTheLoop(() -> {
            upstream.getOutputStream().write(LAST_WORDS);
            Eventually.holds(() -> assertThat(ReceiveQueue.bytes(at, from)).isEqualTo(LAST_WORDS.length));
            Streams.reset(upstream);
            Eventually.holds(() -> assertThat(ReceiveQueue.bytes(at, from)).isZero());
            relay.start(Unpooled.EMPTY_BUFFER, Unpooled.wrappedBuffer(MORE));
        });

        assertThat(receive(client)).isEqualTo(expected(RST, LAST_WORDS));
        assertThat(ended)
                .succeedsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .isEqualTo(Ending.UPSTREAM_RESET);
        assertThat(relay.bytes()).isEqualTo(ByteCounts.relayed(0, LAST_WORDS.length));
    }

    private final class Remembering implements Relay.Listener {
        @Override
        public void ended(Ending ending, String detail) {
            ended.complete(ending);
        }

        @Override
        public void unanswered(String detail) {
            ended.completeExceptionally(new AssertionError(detail));
        }
    }
}
