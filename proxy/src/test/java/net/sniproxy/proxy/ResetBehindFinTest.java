package net.sniproxy.proxy;

import static net.sniproxy.proxy.Streams.End.FIN;
import static net.sniproxy.proxy.Streams.expected;
import static net.sniproxy.proxy.Streams.random;
import static net.sniproxy.proxy.Streams.receive;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import net.sniproxy.bpf.testing.Commands;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A peer that has sent FIN sends RST while the other side is silent: the connection ends then, not when it has been idle. */
class ResetBehindFinTest {
    private static final byte[] HELLO = Hellos.of("a.test");
    private static final byte[] REQUEST = random(200_000, 2);
    private static final byte[] ANSWER = random(100_000, 1);

    private Backend backend;
    private BlackHole blackHole;
    private TestProxy proxy;
    private Socket client;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        blackHole = new BlackHole("127.0.0.1", 0);
        proxy = TestProxy.start("'routes': [{'match': 'a.test', 'upstream': '" + backend.target()
                + "'}, {'match': 'silent.test', 'upstream': '127.0.0.1:" + blackHole.port()
                + "'}], 'timeouts': {'idle': '10m', 'connect': '10m'}");
        client = proxy.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        blackHole.close();
        backend.close();
    }

    private Socket upstream() throws Exception {
        client.getOutputStream().write(HELLO);
        Socket upstream = backend.accept();
        assertThat(upstream.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
        return upstream;
    }

    @Test
    void shouldEndTheConnectionWhenTheUpstreamResetsAfterItsAnswer() throws Exception {
        Socket upstream = upstream();
        upstream.getOutputStream().write(ANSWER);
        upstream.shutdownOutput();
        assertThat(receive(client)).isEqualTo(expected(FIN, ANSWER));

        Streams.reset(upstream);

        Closed end = proxy.nextClosed();
        assertThat(end.ending()).isEqualTo(Ending.UPSTREAM_RESET);
        assertThat(end.bytesDown()).isEqualTo(ANSWER.length);
    }

    @Test
    void shouldEndTheConnectionWhenTheClientResetsAfterItsRequest() throws Exception {
        try (Socket upstream = upstream()) {
            client.shutdownOutput();
            assertThat(upstream.getInputStream().read()).isEqualTo(-1);

            Streams.reset(client);

            Closed end = proxy.nextClosed();
            assertThat(end.ending()).isEqualTo(Ending.CLIENT_RESET);
            assertThat(end.bytesUp()).isEqualTo(HELLO.length);
        }
    }

    /** Most of the request and the FIN behind it wait in the proxy's socket, for room in the queue of the upstream. */
    @Test
    void shouldLeaveTheUpstreamWhatItHasNotReadYetWhenTheClientResetsAfterItsRequest() throws Exception {
        try (Socket upstream = upstream()) {
            client.getOutputStream().write(REQUEST);
            client.shutdownOutput();
            String leg = "sport = :" + upstream.getPort() + " and dport = :" + upstream.getLocalPort();
            Eventually.holds(
                    () -> assertThat(Commands.run("ss", "-Htn", "state", "fin-wait-1", "state", "fin-wait-2", leg))
                            .isNotBlank());

            Streams.reset(client);

            assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CLIENT_RESET);
            assertThat(receive(upstream)).isEqualTo(expected(FIN, REQUEST));
        }
    }

    @Test
    void shouldGiveUpTheDialOfAClientThatHasReset() throws Exception {
        client.getOutputStream().write(Hellos.of("silent.test"));
        client.shutdownOutput();
        while (ReceiveQueue.bytes(client.getPort(), client.getLocalPort()) > 0) {
            Thread.sleep(1); // A FIN that has not been read counts as a byte.
        }

        Streams.reset(client);

        assertThat(proxy.nextClosed().ending()).isEqualTo(Ending.CLIENT_LEFT);
    }
}
