package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.route.Router;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Goes on with connections that an earlier process left to the kernel; the kernel is a fake, so this needs no privilege. */
class NextProcessTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("127.0.0.1", 40_000);
    private static final Map<Direction, Long> FORWARDED = Map.of(Direction.UP, 30L, Direction.DOWN, 4_000L);

    @AutoClose
    private final Backend backend = new Backend();

    @AutoClose
    private final Backend other = new Backend();

    /** A connection in the kernel that nothing moves on. */
    private static final class Left implements AdoptableConnection, DetachedFlow {
        private final ConnectionNote note;
        private final boolean survives;
        private final CompletableFuture<DetachedOwner> owner = new CompletableFuture<>();
        private final BlockingQueue<Boolean> closes = new LinkedBlockingQueue<>();

        Left(ConnectionNote note, boolean survives) {
            this.note = note;
            this.survives = survives;
        }

        @Override
        public ConnectionNote note() {
            return note;
        }

        @Override
        public DetachedFlow adopt(DetachedOwner newOwner) {
            owner.complete(newOwner);
            return this;
        }

        @Override
        public long forwarded(Direction direction) {
            return FORWARDED.get(direction);
        }

        @Override
        public long lastMoved() {
            return System.nanoTime();
        }

        @Override
        public boolean survives() {
            return survives;
        }

        @Override
        public void close(boolean reset) {
            closes.add(reset);
        }

        void end(Ending ending) {
            owner.orTimeout(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .join()
                    .ended(ending);
        }
    }

    private String route(String more) {
        return "'routes': [{'match': 'a.test', 'upstream': ['" + backend.target() + "', '" + other.target() + "']"
                + ", 'balance': 'least_connections'}]" + more;
    }

    /** A connection to the first back end, by the route that a configuration had when it was accepted. */
    private Left left(String configuration, boolean survives) {
        var route = Router.of(TestProxy.config("'listen_addr': '127.0.0.1:0', " + configuration))
                .route(Optional.of("a.test"), List.of())
                .orElseThrow();
        return new Left(
                new ConnectionNote(
                        Instant.now(),
                        new InetSocketAddress("127.0.0.1", 443),
                        new InetSocketAddress("192.0.2.9", 1_000),
                        CLIENT,
                        new InetSocketAddress("127.0.0.1", backend.port()),
                        Optional.of("a.test"),
                        List.of(),
                        route.digest(),
                        backend.target(),
                        500,
                        600),
                survives);
    }

    @Test
    void shouldTellTheWholeStoryOfAnAdoptedConnection() throws Exception {
        try (var proxy = TestProxy.start(route(""))) {
            Left left = left(route(""), true);
            proxy.proxy().adopt(List.of(left));
            left.end(Ending.COMPLETED);
            Closed end = proxy.nextClosed();
            assertThat(end.ending()).isEqualTo(Ending.COMPLETED);
            assertThat(end.client()).isEqualTo(CLIENT);
            assertThat(end.name()).contains("a.test");
            assertThat(end.route()).contains("routes:a.test");
            assertThat(end.path()).contains(DataPathKind.SPLICE);
            assertThat(end.bytesUp()).isEqualTo(500 + 30);
            assertThat(end.bytesDown()).isEqualTo(600 + 4_000);
            assertThat(end.bytes().relayedUp()).as("of this process").isZero();
            assertThat(left.closes).containsExactly(false);
        }
    }

    @Test
    void shouldResetAnAdoptedConnectionWhoseRouteIsNotWhatItWas() throws Exception {
        String another = "'routes': [{'match': 'a.test', 'upstream': '" + other.target() + "'}]";
        for (String now : List.of(another, "'whitelist': ['b.test']")) {
            try (var proxy = TestProxy.start(now)) {
                Left left = left(route(""), true);
                proxy.proxy().adopt(List.of(left));
                assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.REVOKED);
                assertThat(left.closes).containsExactly(true);
            }
        }
    }

    @Test
    void shouldResetAnAdoptedConnectionWhoseRouteAReloadTakesAway() throws Exception {
        try (var proxy = TestProxy.start(route(""))) {
            Left left = left(route(""), true);
            proxy.proxy().adopt(List.of(left));
            proxy.reload(route(", 'timeouts': {'idle': '1h'}"));
            assertThat(left.closes).isEmpty();
            proxy.reload("'whitelist': ['b.test']");
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.REVOKED);
            assertThat(left.closes).containsExactly(true);
        }
    }

    @Test
    void shouldCountAnAdoptedConnectionAgainstTheLimitOfItsClient() throws Exception {
        String limited = route(", 'limits': {'connections_per_ip': 1}");
        try (var proxy = TestProxy.start(limited)) {
            Left left = left(limited, true);
            proxy.proxy().adopt(List.of(left));
            left.owner.get(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            try (Socket second = proxy.connect()) {
                assertThat(receive(second).bytes()).isZero();
                assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.TOO_MANY_FROM_SOURCE);
            }
            left.end(Ending.COMPLETED);
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.COMPLETED);
            pass(proxy, backend);
        }
    }

    @Test
    void shouldCountAnAdoptedConnectionAsOneOfItsTarget() throws Exception {
        try (var proxy = TestProxy.start(route(""))) {
            Left left = left(route(""), true);
            proxy.proxy().adopt(List.of(left));
            left.owner.get(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            for (int i = 0; i < 4; i++) {
                pass(proxy, other);
            }
        }
    }

    /** Another process will tell its end: this one neither resets it nor says that it is over. */
    @Test
    void shouldLeaveASurvivingConnectionAloneWhenItStops() throws Exception {
        for (boolean drains : List.of(true, false)) {
            var proxy = TestProxy.start(route(""));
            Left surviving = left(route(""), true);
            Left ending = left(route(""), false);
            proxy.proxy().adopt(List.of(surviving, ending));
            if (drains) {
                var drained = proxy.proxy().drain();
                ending.end(Ending.COMPLETED);
                assertThat(drained).succeedsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            }
            proxy.close();
            assertThat(proxy.nextClosed().ending()).isEqualTo(drains ? Ending.COMPLETED : Ending.DRAINED);
            assertThat(ending.closes).containsExactly(!drains);
            assertThat(surviving.closes).isEmpty();
        }
    }

    /** A connection that must reach this back end, from its hello to its end. */
    private static void pass(TestProxy proxy, Backend to) throws Exception {
        byte[] hello = Hellos.of("a.test");
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(hello);
            try (Socket upstream = to.accept()) {
                assertThat(upstream.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
                client.shutdownOutput();
            }
            assertThat(receive(client).bytes()).isZero();
        }
        assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.COMPLETED);
    }
}
