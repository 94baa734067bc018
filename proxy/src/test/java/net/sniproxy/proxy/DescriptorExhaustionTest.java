package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
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
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final StringBuffer log = new StringBuffer();
    /** A JVM starts while other tests have the processors. */
    private static final long START_MILLIS = 120_000;

    private Backend backend;
    private Process process;
    private int port;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        String config = "'listen_addr': '127.0.0.1:0', 'routes': [{'match': 'a.test', 'upstream': '" + backend.target()
                + "'}], 'timeouts': {'hello': '60s'}";
        process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -n " + DESCRIPTORS + "; exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LimitedProxy.class.getName(),
                        config)
                .redirectErrorStream(true)
                .start();
        Thread.ofVirtual().start(this::listen);
        port = (int) answer(START_MILLIS);
    }

    private void listen() {
        process.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {
            if (line.startsWith(LimitedProxy.ANSWER)) {
                answers.add(line.substring(LimitedProxy.ANSWER.length()));
            } else {
                log.append(line).append('\n');
            }
        });
    }

    private long answer() throws InterruptedException {
        return answer(TestProxy.PATIENCE_MILLIS);
    }

    private long answer(long millis) throws InterruptedException {
        String line = answers.poll(millis, TimeUnit.MILLISECONDS);
        assertThat(line).as("an answer; log: %s", log).isNotNull();
        return Long.parseLong(line);
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket client : clients) {
            client.close();
        }
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        backend.close();
    }

    private Socket connect() throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), port);
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

    private long cpuTime() throws Exception {
        OutputStream in = process.getOutputStream();
        in.write('\n');
        in.flush();
        return answer();
    }

    private long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return open.count();
        }
    }

    @Test
    void shouldPauseWithoutSpinningAndRecover() throws Exception {
        Socket upstream = relayed();
        Socket client = clients.getFirst();
        cpuTime(); // Its classes are loaded while there are descriptors.
        for (int i = 0; i < DESCRIPTORS + 20; i++) {
            connect();
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (descriptors() < DESCRIPTORS - 2 || log.indexOf("cannot accept") < 0) {
            assertThat(System.nanoTime() - deadline)
                    .as("%d descriptors, log: %s", descriptors(), log)
                    .isNegative();
            Thread.sleep(10);
        }

        long before = cpuTime();
        Thread.sleep(500);
        assertThat(cpuTime() - before)
                .as("nanoseconds of CPU time in half a second")
                .isLessThan(100_000_000);
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
        String said = log.toString();
        assertThat(said.split("cannot accept", -1).length - 1).as(said).isEqualTo(1);
    }
}
