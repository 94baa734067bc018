package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.End.RST;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.random;
import static net.sniproxy.proxy.Streams.receive;
import static net.sniproxy.proxy.Streams.sending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Start, reload, drain and end of a proxy with connections on it. */
class LifecycleTest {
    private Backend backend;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        proxy = TestProxy.start(routes("a.test", "b.test") + ", 'timeouts': {'drain': '1m', 'hello': '1m'}");
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        backend.close();
    }

    private String routes(String... names) {
        var routes = new StringBuilder("'routes': [");
        for (String name : names) {
            routes.append(routes.charAt(routes.length() - 1) == '[' ? "" : ", ")
                    .append("{'match': '")
                    .append(name)
                    .append("', 'upstream': '")
                    .append(backend.target())
                    .append("'}");
        }
        return routes + "]";
    }

    /** A relayed connection. */
    private record Relayed(Socket client, Socket upstream) implements AutoCloseable {
        void exchange() throws Exception {
            byte[] request = random(5_000, 1);
            byte[] response = random(7_000, 2);
            var sent = sending(client, request);
            assertThat(receive(upstream)).isEqualTo(expected(FIN, request));
            var answered = sending(upstream, response);
            assertThat(receive(client)).isEqualTo(expected(FIN, response));
            sent.join();
            answered.join();
        }

        @Override
        public void close() throws IOException {
            client.close();
            upstream.close();
        }
    }

    private Relayed open(String name) throws IOException {
        byte[] hello = Hellos.of(name);
        Socket client = proxy.connect();
        client.getOutputStream().write(hello);
        Socket upstream = backend.accept();
        assertThat(upstream.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
        return new Relayed(client, upstream);
    }

    @Test
    void shouldKeepConnectionsWhoseRouteRemainsAndResetThoseWhoseRouteIsGone() throws Exception {
        try (Relayed kept = open("a.test");
                Relayed revoked = open("b.test")) {
            proxy.reload(routes("a.test", "c.test"));

            assertThat(receive(revoked.client)).isEqualTo(expected(RST));
            assertThat(receive(revoked.upstream)).isEqualTo(expected(RST));
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.REVOKED);
            try (Relayed added = open("c.test")) {
                added.exchange();
            }
            kept.exchange();
            assertThat(List.of(proxy.nextClosed().ending(), proxy.nextClosed().ending()))
                    .containsOnly(Ending.COMPLETED);
        }
    }

    @Test
    void shouldResetAClientWhoseRouteIsTakenAwayWhileItsUpstreamIsDialled() throws Exception {
        try (var blackHole = new BlackHole("127.0.0.1", 0)) {
            String target = "127.0.0.1:" + blackHole.port();
            proxy.reload(
                    "'routes': [{'match': 'a.test', 'upstream': '" + target + "'}], 'timeouts': {'connect': '1h'}");
            try (Socket client = proxy.connect()) {
                client.getOutputStream().write(Hellos.of("a.test"));
                Eventually.holds(() -> assertThat(targets()).containsExactly(target));
                proxy.reload(routes("c.test"));
                assertThat(receive(client)).isEqualTo(expected(RST));
                assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.REVOKED);
            }
        }
    }

    /** Where open connections go. */
    private List<String> targets() {
        List<String> targets = new CopyOnWriteArrayList<>();
        proxy.proxy().survey(open -> open.forEach(one -> one.target().ifPresent(targets::add)));
        return targets;
    }

    @Test
    void shouldDecideByTheLimitsOfTheNewConfiguration() throws Exception {
        proxy.reload(routes("a.test") + ", 'ip_whitelist': ['192.0.2.1']");
        try (Socket client = proxy.connect()) {
            assertThat(receive(client).bytes()).isZero();
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.SOURCE_DENIED);
        }
        proxy.reload(routes("a.test"));
        try (Relayed relayed = open("a.test")) {
            relayed.exchange();
        }
    }

    @Test
    void shouldListenForEachEventLoopWithALongBacklog() {
        String sockets = Commands.run("ss", "-Hltn", "src 127.0.0.1:" + proxy.port());
        assertThat(sockets.lines())
                .hasSize(Runtime.getRuntime().availableProcessors())
                .allSatisfy(line -> assertThat(line.split("\\s+")[2]).isEqualTo("4096"));
    }

    @Test
    void shouldResetConnectionsWhoseSourceIsNoLongerLetIn() throws Exception {
        try (Relayed relayed = open("a.test");
                Socket silent = proxy.connect()) {
            Eventually.holds(() -> assertThat(proxy.proxy().connections()).isEqualTo(2));
            proxy.reload(routes("a.test", "b.test") + ", 'ip_whitelist': ['127.0.0.0/8']");
            proxy.reload(routes("a.test", "b.test") + ", 'ip_whitelist': ['192.0.2.1']");

            assertThat(receive(relayed.client)).isEqualTo(expected(RST));
            assertThat(receive(relayed.upstream)).isEqualTo(expected(RST));
            assertThat(receive(silent)).isEqualTo(expected(RST));
            assertThat(List.of(proxy.nextClosed().ending(), proxy.nextClosed().ending()))
                    .containsOnly(Ending.REVOKED);
        }
    }

    @Test
    void shouldOpenAndCloseListenersOnReload() throws Exception {
        InetSocketAddress old = proxy.proxy().addresses().getFirst();
        proxy.proxy().reload(TestProxy.config("'listen_addr': ['127.0.0.2:0', '[::1]:0'], " + routes("a.test")));

        assertThat(proxy.proxy().addresses()).hasSize(2).doesNotContain(old);
        try (var client = new Socket()) {
            assertThatThrownBy(() -> client.connect(old)).isInstanceOf(ConnectException.class);
        }
        for (InetSocketAddress address : proxy.proxy().addresses()) {
            try (var client = new Socket()) {
                client.connect(address);
                client.getOutputStream().write(Hellos.of("a.test"));
                backend.accept().close();
            }
        }
    }

    @Test
    void shouldChangeNothingWhenANewListenerCannotBeBound() throws Exception {
        var taken = "'listen_addr': ['127.0.0.1:0', '" + backend.target() + "'], ";
        assertThatThrownBy(() -> proxy.proxy().reload(TestProxy.config(taken + routes("c.test"))))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(backend.target())
                .hasMessageContaining("in use");
        try (Relayed relayed = open("b.test")) {
            relayed.exchange();
        }
    }

    @Test
    void shouldRefuseToStartTwiceOnOneAddress() {
        var config = TestProxy.config("'listen_addr': '127.0.0.1:" + proxy.port() + "', " + routes("a.test"));
        assertThatThrownBy(() -> SniProxy.start(config, DataPaths.relayOnly(""), List.of()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("127.0.0.1:" + proxy.port())
                .hasMessageContaining("in use");
    }

    @Test
    void shouldLetConnectionsEndByThemselvesWhenDraining() throws Exception {
        try (Relayed relayed = open("a.test")) {
            var drained = proxy.proxy().drain();
            assertThatThrownBy(proxy::connect).isInstanceOf(ConnectException.class);
            relayed.exchange();
            assertThat(drained).succeedsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.COMPLETED);
        }
    }

    @Test
    void shouldResetWhatIsLeftWhenTheDrainTimeIsOver() throws Exception {
        proxy.reload(routes("a.test") + ", 'timeouts': {'drain': '400ms'}");
        try (Relayed relayed = open("a.test")) {
            var drained = proxy.proxy().drain();
            assertThat(receive(relayed.client)).isEqualTo(expected(RST));
            assertThat(receive(relayed.upstream)).isEqualTo(expected(RST));
            assertThat(drained).succeedsWithin(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.DRAINED);
        }
    }

    @Test
    void shouldEndIdleConnectionsWithResetWhenClosed() throws Exception {
        try (Relayed relayed = open("a.test")) {
            proxy.close();
            assertThat(receive(relayed.client)).isEqualTo(expected(RST));
            assertThat(receive(relayed.upstream)).isEqualTo(expected(RST));
        }
    }
}
