package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whichever way connections end, at any moment, they give everything back. {@link LeakDetection} watches the buffers. */
class EndingsChurnTest {
    private static final int ROUNDS = 5;
    /** Descriptors that the JVM may open meanwhile for itself. */
    private static final int ALLOWANCE = 20;

    private static final List<byte[]> FIRST_BYTES = List.of(
            new byte[0],
            new byte[] {22, 3, 1},
            new byte[] {22, 3, 1, 0, 0},
            "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            Hellos.of(""),
            Hellos.of("unknown.test"),
            Hellos.of("refused.test"),
            Hellos.of("silent.test"),
            Hellos.of("socks.test"),
            Hellos.of("a.test"));

    /** How an end goes on and ends. */
    private enum Way {
        RESET {
            @Override
            void go(Socket socket) throws IOException {
                Streams.reset(socket);
            }
        },
        /** With bytes unread. */
        CLOSE {
            @Override
            void go(Socket socket) throws IOException {
                socket.getOutputStream().write(Streams.random(300_000, 1));
                socket.close();
            }
        },
        HALF_CLOSE {
            @Override
            void go(Socket socket) throws IOException {
                socket.shutdownOutput();
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        },
        WRITE_AND_READ_TO_THE_END {
            @Override
            void go(Socket socket) throws IOException {
                socket.getOutputStream().write(Streams.random(50_000, 2));
                HALF_CLOSE.go(socket);
            }
        };

        abstract void go(Socket socket) throws IOException;

        CompletableFuture<Void> begin(Socket socket) {
            return Streams.async(() -> {
                try (socket) {
                    go(socket);
                } catch (IOException reset) {
                    // The other end was faster.
                }
                return null;
            });
        }
    }

    private Backend backend;
    /** Its connections stay open and silent. */
    private Backend holder;

    private BlackHole blackHole;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        holder = new Backend();
        blackHole = new BlackHole("127.0.0.1", 0);
        proxy = TestProxy.start("'socks5': {'addr': '" + backend.target() + "'}, 'socks5_whitelist': ['socks.test'],"
                // Nobody waits for the first; the second is what one round of dials to the black hole takes.
                + " 'timeouts': {'hello': '1m', 'connect': '1s'}, 'routes': ["
                + "{'match': 'a.test', 'upstream': '" + backend.target() + "', 'send_proxy': 'v2'},"
                + "{'match': 'held.test', 'upstream': '" + holder.target() + "'},"
                + "{'match': 'refused.test', 'upstream': ['127.0.0.1:1', 'unix:/no/such/socket']},"
                + "{'match': 'silent.test', 'upstream': '127.0.0.1:" + blackHole.port() + "'}]");
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        blackHole.close();
        holder.close();
        backend.close();
    }

    /** Each connection in another way. */
    private void serve() {
        for (int i = 0; ; i++) {
            try {
                Way.values()[i % Way.values().length].begin(backend.accept());
            } catch (SocketTimeoutException quiet) {
                // A busy machine: the next round will come.
            } catch (IOException closed) {
                return;
            }
        }
    }

    private Set<Ending> churn(int rounds) throws Exception {
        var endings = EnumSet.noneOf(Ending.class);
        for (int i = 0; i < rounds; i++) {
            var clients = new ArrayList<CompletableFuture<Void>>();
            for (byte[] bytes : FIRST_BYTES) {
                for (Way way : Way.values()) {
                    Socket client = proxy.connect();
                    client.getOutputStream().write(bytes);
                    clients.add(way.begin(client));
                }
            }
            clients.forEach(CompletableFuture::join);
            for (int closed = 0; closed < clients.size(); closed++) {
                endings.add(proxy.nextClosed().ending());
            }
            endings.add(resetWhileForwarded());
        }
        return endings;
    }

    /** The others' resets come before there is an upstream, or after it has left, as the scheduler likes. */
    private Ending resetWhileForwarded() throws Exception {
        byte[] hello = Hellos.of("held.test");
        try (Socket client = proxy.connect()) {
            client.getOutputStream().write(hello);
            try (Socket upstream = holder.accept()) {
                assertThat(upstream.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
                Streams.reset(client);
                return proxy.nextClosed().ending();
            }
        }
    }

    private static int descriptors() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }

    @Test
    void shouldGiveEverythingBackHoweverConnectionsEnd() throws Exception {
        churn(1);
        int before = descriptors();
        assertThat(churn(ROUNDS))
                .contains(
                        Ending.CLIENT_LEFT,
                        Ending.CLIENT_RESET,
                        Ending.HELLO_INVALID,
                        Ending.PLAIN_HTTP,
                        Ending.NO_ROUTE,
                        Ending.NO_NAME,
                        Ending.UPSTREAM_FAILED,
                        Ending.CONNECT_TIMEOUT);
        assertThat(proxy.proxy().connections()).isZero();
        Eventually.holds(() -> assertThat(descriptors()).isLessThan(before + ALLOWANCE));
    }
}
