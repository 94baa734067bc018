package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;

/**
 * A proxy in front of another one, whose listening socket takes what comes with a SYN. A process of its own, because Netty asks
 * only once what the kernel allows. Prints TCP's counters; ends with an exception when something is not as it should be.
 */
final class FastOpenScenario {
    private static final byte[] HELLO = Hellos.of("a.test");
    private static final byte[] INTERNAL_ERROR = {21, 3, 3, 0, 2, 2, 80};
    /** The kernel keeps cookies by address, and this one's server has none. */
    private static final String BACKEND = "127.0.0.9";

    private FastOpenScenario() {}

    public static void main(String[] args) throws Exception {
        try (var backend = new Backend(BACKEND, 0);
                var blackHole = new BlackHole("127.0.0.1", 0);
                var second = TestProxy.start(routes(route("a.test", BACKEND + ":" + backend.port())));
                var first = TestProxy.start(routes(
                        route("a.test", "127.0.0.1:" + second.port()),
                        route("dead.test", "127.0.0.1:1"),
                        route("hole.test", "127.0.0.1:" + blackHole.port())))) {
            exchange(first, backend, 1);
            assertThat(counter("TCPFastOpenActive")).as("no cookie yet").isZero();
            for (int i = 1; i <= 3; i++) {
                exchange(first, backend, i);
            }
            assertThat(counter("TCPFastOpenActive")).as("SYNs sent with data").isEqualTo(3);
            assertThat(counter("TCPFastOpenPassive"))
                    .as("SYNs received with data")
                    .isEqualTo(3);
            assertRefused(first, "dead.test", Ending.UPSTREAM_FAILED);
            assertRefused(first, "hole.test", Ending.CONNECT_TIMEOUT);
            exchange(first, backend, 4);
            assertSetAside(blackHole);
        }
        System.out.println("as it should be");
    }

    /**
     * Only the last of several targets gets the hello along with the SYN. Whoever then lets the deadline pass is set aside like a
     * target that was dialled: while all of them rest, they are tried in the usual order, not with that one first.
     */
    private static void assertSetAside(BlackHole blackHole) throws Exception {
        int late = 2;
        String targets = "['127.0.0.1:1', '127.0.0.1:" + late + "', '127.0.0.1:" + blackHole.port() + "']";
        // Less than targets rest.
        String timeouts = "'timeouts': {'connect': '1s'}";
        try (var proxy = TestProxy.start("'routes': [{'match': 'a.test', 'upstream': " + targets + "}], " + timeouts)) {
            assertRefused(proxy, "a.test", Ending.CONNECT_TIMEOUT);
            try (var backend = new Backend("127.0.0.1", late)) {
                exchange(proxy, backend, 5);
            }
        }
    }

    private static String route(String name, String target) {
        return "{'match': '" + name + "', 'upstream': '" + target + "'}";
    }

    private static String routes(String... routes) {
        return "'routes': [" + String.join(", ", routes) + "], 'timeouts': {'connect': '2s'}";
    }

    /** A counter of TCP's, as nstat(8) shows it. */
    private static long counter(String name) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/net/netstat"));
        List<String> names = Arrays.asList(lines.get(0).split(" "));
        return Long.parseLong(lines.get(1).split(" ")[names.indexOf(name)]);
    }

    private static void exchange(TestProxy proxy, Backend backend, int seed) throws Exception {
        byte[] request = Streams.random(100_000, seed);
        byte[] response = Streams.random(200_000, -seed);
        try (Socket client = proxy.connect()) {
            var sent = Streams.sending(client, HELLO, request);
            try (Socket upstream = backend.accept()) {
                assertThat(receive(upstream)).isEqualTo(expected(FIN, HELLO, request));
                var answered = Streams.sending(upstream, response);
                assertThat(receive(client)).isEqualTo(expected(FIN, response));
                answered.join();
            }
            sent.join();
        }
        Closed end = proxy.nextClosed();
        assertThat(end.ending()).as(end.toString()).isEqualTo(Ending.COMPLETED);
        assertThat(end.bytesUp()).isEqualTo(HELLO.length + request.length);
        assertThat(end.bytesDown()).isEqualTo(response.length);
    }

    private static void assertRefused(TestProxy proxy, String name, Ending ending) throws Exception {
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(Hellos.of(name));
            assertThat(receive(client)).isEqualTo(expected(FIN, INTERNAL_ERROR));
            client.shutdownOutput();
            Closed end = proxy.nextClosed();
            assertThat(end.ending()).as(end.toString()).isEqualTo(ending);
            assertThat(end.bytesUp() + end.bytesDown()).as(end.toString()).isZero();
        }
    }
}
