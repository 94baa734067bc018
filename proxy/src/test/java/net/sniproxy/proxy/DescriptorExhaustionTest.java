package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A proxy that runs out of descriptors: it waits without work, keeps what it has, and recovers by itself. */
class DescriptorExhaustionTest {
    private static final int DESCRIPTORS = 256;
    private static final byte[] HELLO = Hellos.of("a.test");

    private final List<Socket> clients = new ArrayList<>();
    private Backend backend;
    private LimitedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        proxy = LimitedProxy.withDescriptors(
                DESCRIPTORS,
                "'routes': [{'match': 'a.test', 'upstream': '" + backend.target()
                        + "'}], 'timeouts': {'hello': '60s'}");
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        proxy.close();
        backend.close();
    }

    private Socket connect() throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(TestProxy.PATIENCE_MILLIS);
        clients.add(client);
        return client;
    }

    private Socket relayed() throws IOException {
        Socket client = connect();
        client.getOutputStream().write(HELLO);
        Socket upstream = backend.accept();
        upstream.getInputStream().readNBytes(HELLO.length);
        clients.add(upstream);
        return upstream;
    }

    private long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(proxy.pid()), "fd"))) {
            return open.count();
        }
    }

    @Test
    void shouldPauseWithoutSpinningAndRecover() throws Exception {
        long start = System.nanoTime();
        Socket upstream = relayed();
        Socket client = clients.getFirst();
        proxy.cpuTime(); // Its classes are loaded while there are descriptors.
        for (int i = 0; i < DESCRIPTORS + 20; i++) {
            connect();
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TestProxy.PATIENCE_MILLIS);
        while (descriptors() < DESCRIPTORS - 2 || !proxy.log().contains("cannot accept")) {
            assertThat(System.nanoTime() - deadline)
                    .as("%d descriptors, log: %s", descriptors(), proxy.log())
                    .isNegative();
            Thread.sleep(10);
        }

        awaitRest();
        byte[] response = Streams.random(100_000, 1);
        var sent = Streams.async(() -> {
            upstream.getOutputStream().write(response);
            return null;
        });
        assertThat(client.getInputStream().readNBytes(response.length)).isEqualTo(response);
        sent.join();

        for (Socket idle : clients) {
            idle.close();
        }
        relayed();
        String said = proxy.log();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        assertThat((long) said.split("cannot accept", -1).length - 1)
                .as("not for each of the failures, ten in a second, but after a second without any: %s", said)
                .isBetween(1L, 1 + seconds);
    }

    /** Waits for half a second in which the event loops used less than 100 ms of a processor: one that spins never rests. */
    private void awaitRest() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TestProxy.PATIENCE_MILLIS);
        long used;
        do {
            long before = proxy.cpuTime();
            Thread.sleep(500);
            used = proxy.cpuTime() - before;
            assertThat(System.nanoTime() - deadline)
                    .as("event loops come to rest; they used %d ns of half a second", used)
                    .isNegative();
        } while (used >= 100_000_000);
    }
}
