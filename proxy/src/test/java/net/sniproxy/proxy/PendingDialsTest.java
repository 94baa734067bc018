package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A popular name whose server does not answer: the connections that wait for it are bounded. In a proxy with one event loop. */
class PendingDialsTest {
    private static final int MOST_DIALS = 2_000;
    private static final int TOO_MANY = 25;
    private static final byte[] HELLO = Hellos.of("a.test");
    private static final int PATIENCE_MILLIS = 60_000;

    private final List<Socket> clients = new ArrayList<>();
    private BlackHole blackHole;
    private LimitedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        blackHole = new BlackHole("127.0.0.1", 0);
        proxy = LimitedProxy.withOneProcessor("'routes': [{'match': 'a.test', 'upstream': '127.0.0.1:"
                + blackHole.port() + "'}], 'timeouts': {'connect': '10m', 'hello': '10m'}");
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        proxy.close();
        blackHole.close();
    }

    private Socket connect() throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(PATIENCE_MILLIS);
        clients.add(client);
        client.getOutputStream().write(HELLO);
        return client;
    }

    @Test
    void shouldTurnAwayWhatWouldWaitBeyondTheBound() throws Exception {
        for (int i = 0; i < MOST_DIALS + TOO_MANY; i++) {
            connect();
        }
        // All hellos have been read when as many are refused as are too many.
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (refused() < TOO_MANY) {
            assertThat(System.nanoTime() - deadline).as("%d refused", refused()).isNegative();
            Thread.sleep(10);
        }
        Socket another = connect();
        assertThat(another.getInputStream().readAllBytes()).containsExactly(21, 3, 3, 0, 2, 2, 80);
        assertThat(refused()).as("and the others wait").isEqualTo(TOO_MANY);
    }

    private long refused() throws IOException {
        long refused = 0;
        for (Socket client : clients) {
            refused += client.getInputStream().available() > 0 ? 1 : 0;
        }
        return refused;
    }
}
