package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.sniproxy.bpf.testing.Eventually;
import org.junit.jupiter.api.Test;

/** What is served at {@code metrics.addr}, to those who ask nicely and to others. */
class MetricsServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final int PATIENCE_MILLIS = 20_000;

    @Test
    void shouldServeTheTextOverHttp() throws Exception {
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "sniproxy_test 1.0\n")) {
            HttpResponse<String> found = get(server, "/metrics?x=y");
            assertThat(found.statusCode()).isEqualTo(200);
            assertThat(found.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
            assertThat(found.body()).isEqualTo("sniproxy_test 1.0\n");
            assertThat(get(server, "/").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void shouldAnswerGarbageAndGoOn() throws Exception {
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "")) {
            try (Socket socket =
                    new Socket(server.address().getAddress(), server.address().getPort())) {
                socket.getOutputStream().write("\u0016\u0003\u0001\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 400");
            }
            assertThat(get(server, "/metrics").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void shouldNameTheAddressThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();
            assertThatThrownBy(() -> MetricsServer.start(address, () -> ""))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("metrics.addr 127.0.0.1:" + address.getPort());
        }
    }

    private static HttpResponse<String> get(MetricsServer server, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static Socket connect(MetricsServer server) throws IOException {
        var socket = new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** Waits for the other side to say something or to hang up, and returns whether it hung up. */
    private static boolean hangsUp(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void shouldGiveARequestATimeHoweverItTrickles() throws Exception {
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "", Duration.ofMillis(300));
                Socket slow = connect(server)) {
            Thread.ofVirtual().start(() -> trickle(slow));
            assertThat(hangsUp(slow)).isTrue();
        }
    }

    private static void trickle(Socket socket) {
        try {
            while (true) {
                socket.getOutputStream().write('G');
                Thread.sleep(20);
            }
        } catch (IOException | InterruptedException over) {
            // The other side has had enough.
        }
    }

    @Test
    void shouldBoundTheNumberOfConnections() throws Exception {
        List<Socket> held = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "", Duration.ofMinutes(10))) {
            for (int i = 0; i < MetricsServer.MOST_CONNECTIONS; i++) {
                held.add(connect(server));
            }
            try (Socket another = connect(server)) {
                assertThat(hangsUp(another)).isTrue();
            }
            held.removeFirst().close();
            Eventually.holds(() -> assertThat(answers(server)).isTrue());
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    private static boolean answers(MetricsServer server) {
        try (Socket socket = connect(server)) {
            socket.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return !hangsUp(socket);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void shouldAnswerAConnectionOnce() throws Exception {
        var scrapes = new AtomicInteger();
        try (MetricsServer server = MetricsServer.start(ANY_PORT, () -> "sniproxy_test " + scrapes.incrementAndGet());
                Socket socket = connect(server)) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\n\r\n".repeat(50).getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("sniproxy_test 1");
            assertThat(scrapes).hasValue(1);
        }
    }
}
