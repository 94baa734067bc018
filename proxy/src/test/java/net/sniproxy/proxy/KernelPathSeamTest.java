package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.End.RST;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.proxy.datapath.DataPath;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the proxy promises to a kernel data path, and asks of it; the path is a fake, so this needs no privilege. */
class KernelPathSeamTest {
    private static final byte[] HELLO = Hellos.of("a.test");

    private final FakePath path = new FakePath();
    private Backend backend;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        proxy = start("'timeouts': {'idle': '60s'}");
    }

    private TestProxy start(String more) throws StartException {
        return TestProxy.start(Transport.best(), new DataPaths(List.of(path), ""), routes() + more);
    }

    private String routes() {
        return "'routes': [{'match': 'a.test', 'upstream': '" + backend.target() + "'}], ";
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        backend.close();
    }

    /** Accepts every connection and forwards nothing: tests say what it has done. */
    private static final class FakePath implements DataPath {
        private final BlockingQueue<Armed> armed = new LinkedBlockingQueue<>();
        /** Whether the kernel goes on alone at once, before anything else can happen to the connection. */
        private volatile boolean detaches;

        @Override
        public DataPathKind kind() {
            return DataPathKind.SPLICE;
        }

        @Override
        public Offer offer(Legs legs) {
            var flow = new Armed(legs);
            if (detaches) {
                legs.client().eventLoop().execute(() -> legs.detach(flow));
            }
            armed.add(flow);
            return new Offer.Armed(flow);
        }

        Armed next() throws InterruptedException {
            Armed flow = armed.poll(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(flow).as("a connection is offered").isNotNull();
            return flow;
        }
    }

    private static final class Armed implements KernelForwarding, DetachedFlow {
        private final Legs legs;
        private final long armedAt = System.nanoTime();
        private final Map<Direction, Long> bytes = new ConcurrentHashMap<>();
        private final BlockingQueue<Runnable> ends = new LinkedBlockingQueue<>();
        private final BlockingQueue<Boolean> closes = new LinkedBlockingQueue<>();

        Armed(Legs legs) {
            this.legs = legs;
        }

        @Override
        public long forwarded(Direction direction) {
            return bytes.getOrDefault(direction, 0L);
        }

        @Override
        public void whenDelivered(Direction direction, Runnable action) {
            ends.add(action);
        }

        @Override
        public void close(boolean reset) {
            closes.add(reset);
        }

        @Override
        public long lastMoved() {
            return armedAt;
        }

        @Override
        public boolean survives() {
            return false;
        }

        DetachedOwner detach() {
            AtomicReference<DetachedOwner> owner = new AtomicReference<>();
            onLoop(() -> owner.set(legs.detach(this)));
            return owner.get();
        }

        void onLoop(Runnable action) {
            legs.client().eventLoop().submit(action).syncUninterruptibly();
        }

        Runnable nextEnd() throws InterruptedException {
            return ends.poll(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void shouldOfferTheLegsBeforeAnythingIsSentUpstream() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            try (Socket upstream = backend.accept()) {
                Legs legs = path.next().legs;
                assertThat(legs.clientBytesRead()).isEqualTo(HELLO.length);
                assertThat(legs.prefixBytes()).isZero();
                assertThat(legs.name()).contains("a.test");
                assertThat(legs.route()).isEqualTo("routes:a.test");
                assertThat(upstream.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
            }
        }
    }

    /** What one end writes is not held back until the other has acknowledged what it wrote before. */
    @Test
    void shouldDelaySmallSegmentsOnNeitherLeg() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            Legs legs = path.next().legs;
            assertThat(List.of(legs.client(), legs.upstream()))
                    .allSatisfy(leg -> assertThat(leg)
                            .isInstanceOfSatisfying(
                                    SocketChannel.class,
                                    socket -> assertThat(socket.config().isTcpNoDelay())
                                            .isTrue()));
        }
    }

    @Test
    void shouldSendFinOnOnlyWhenTheKernelHasDeliveredAndCountItsBytes() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            client.shutdownOutput();
            try (Socket upstream = backend.accept()) {
                Armed flow = path.next();
                assertThat(upstream.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
                Runnable upDelivered = flow.nextEnd();
                assertThat(upstream.getInputStream().available()).isZero();
                upstream.setSoTimeout(200);
                assertThat(Streams.async(() -> upstream.getInputStream().read()))
                        .as("no FIN before the kernel's bytes")
                        .failsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                upstream.setSoTimeout(TestProxy.PATIENCE_MILLIS);
                flow.bytes.put(Direction.UP, 1_000L);
                flow.onLoop(upDelivered);
                assertThat(upstream.getInputStream().read()).as("FIN").isEqualTo(-1);

                upstream.shutdownOutput();
                flow.bytes.put(Direction.DOWN, 5_000_000_000L);
                flow.onLoop(flow.nextEnd());
                assertThat(receive(client)).isEqualTo(expected(FIN));
                assertThat(flow.closes.poll(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                        .isFalse();
                assertThat(flow.closes).as("closed once").isEmpty();
            }
        }
        Closed end = proxy.nextClosed();
        assertThat(end.ending()).as(end.toString()).isEqualTo(Ending.COMPLETED);
        assertThat(end.path()).contains(DataPathKind.SPLICE);
        assertThat(end.bytesUp()).isEqualTo(HELLO.length + 1_000);
        assertThat(end.bytesDown()).isEqualTo(5_000_000_000L);
    }

    @Test
    void shouldCloseTheKernelsPartOnceWhenALegIsReset() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            try (Socket upstream = backend.accept()) {
                Armed flow = path.next();
                upstream.getInputStream().readNBytes(HELLO.length);
                Streams.reset(client);
                assertThat(receive(upstream)).isEqualTo(expected(RST));
                assertThat(flow.closes.poll(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                        .isNotNull();
                assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CLIENT_RESET);
                assertThat(flow.closes).as("closed once").isEmpty();
            }
        }
    }

    @Test
    void shouldKeepADetachedConnectionUntilItsPathSaysThatItHasEnded() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            try (Socket upstream = backend.accept()) {
                Armed flow = path.next();
                upstream.getInputStream().readNBytes(HELLO.length);
                DetachedOwner owner = flow.detach();
                assertThat(flow.legs.client().closeFuture().await(TestProxy.PATIENCE_MILLIS))
                        .isTrue();
                assertThat(flow.legs.upstream().closeFuture().await(TestProxy.PATIENCE_MILLIS))
                        .isTrue();
                assertThat(proxy.proxy().connections()).isEqualTo(1);
                assertThat(flow.closes).isEmpty();

                flow.bytes.put(Direction.DOWN, 70_000L);
                owner.ended(Ending.COMPLETED);
                Closed end = proxy.nextClosed();
                assertThat(end.ending()).isEqualTo(Ending.COMPLETED);
                assertThat(end.bytesDown()).isEqualTo(70_000);
                assertThat(flow.closes).containsExactly(false);
                assertThat(proxy.proxy().connections()).isZero();
            }
        }
    }

    @Test
    void shouldGiveThePlaceOfADetachedConnectionToTheNextWhenItEnds() throws Exception {
        try (var limited = start("'max_connections': 1");
                Socket client = limited.connect()) {
            client.getOutputStream().write(HELLO);
            DetachedOwner owner = path.next().detach();
            try (Socket second = limited.connect()) {
                assertThat(receive(second).bytes()).isZero();
                assertThat(limited.nextClosed().ending()).isEqualTo(Ending.TOO_MANY_CONNECTIONS);
            }
            owner.ended(Ending.COMPLETED);
            assertThat(limited.nextClosed().ending()).isEqualTo(Ending.COMPLETED);
            try (Socket third = limited.connect()) {
                third.getOutputStream().write(HELLO);
                path.next();
            }
        }
    }

    @Test
    void shouldCountADetachedConnectionAsOneOfItsTargetUntilItEnds() throws Exception {
        try (Backend other = new Backend();
                var balancing = TestProxy.start(
                        Transport.best(),
                        new DataPaths(List.of(path), ""),
                        "'routes': [{'match': 'a.test', 'balance': 'least_connections', 'upstream': ['"
                                + backend.target() + "', '" + other.target() + "']}]");
                Socket first = balancing.connect()) {
            first.getOutputStream().write(HELLO);
            path.next().detach();
            for (int i = 0; i < 4; i++) {
                try (Socket client = balancing.connect()) {
                    client.getOutputStream().write(HELLO);
                    path.next().detach().ended(Ending.COMPLETED);
                    assertThat(balancing.nextClosed().target()).contains(other.target());
                }
            }
        }
    }

    /** Ways in which the proxy itself ends a connection that the kernel carries alone. */
    private interface End {
        void of(TestProxy proxy) throws Exception;
    }

    @Test
    void shouldTellThePathToResetADetachedConnection() throws Exception {
        Map<Ending, End> ends = Map.of(
                Ending.IDLE_TIMEOUT, hurried -> hurried.reload(routes() + "'timeouts': {'idle': '300ms'}"),
                Ending.REVOKED, removed -> removed.reload("'whitelist': ['other.test'], 'timeouts': {'idle': '60s'}"),
                Ending.DRAINED, closing -> closing.proxy().close());
        path.detaches = true;
        for (Map.Entry<Ending, End> end : ends.entrySet()) {
            try (var other = start("'timeouts': {'idle': '10m'}");
                    Socket client = other.connect()) {
                client.getOutputStream().write(HELLO);
                Armed flow = path.next();
                end.getValue().of(other);
                assertThat(other.nextClosed().ending()).isEqualTo(end.getKey());
                assertThat(flow.closes).containsExactly(true);
            }
        }
    }

    @Test
    void shouldGiveUpPeersThatVanish() throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(HELLO);
            Armed flow = path.next();
            for (Channel leg : List.of(flow.legs.client(), flow.legs.upstream())) {
                var options = (EpollSocketChannelConfig) leg.config();
                // The upstream's when it has lasted for a while.
                Eventually.holds(() -> assertThat(options.getTcpUserTimeout())
                        .as("milliseconds")
                        .isEqualTo(120_000));
                assertThat(options.isKeepAlive()).isTrue();
                assertThat(options.getTcpKeepIdle()).isEqualTo(60);
                assertThat(options.getTcpKeepIntvl()).isEqualTo(15);
                assertThat(options.getTcpKeepCnt()).isEqualTo(4);
                assertThat(options.isTcpNoDelay()).isTrue();
            }
        }
    }
}
