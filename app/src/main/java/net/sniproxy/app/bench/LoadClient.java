package net.sniproxy.app.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** The client, a process of its own: {@code sni-proxy bench load ADDRESS PORT MILLISECONDS}. */
public final class LoadClient {
    /** Threads that open connections. */
    static final int PARALLEL = 8;

    private static final int MOST_SAMPLES = 1 << 20;
    private static final int CHUNK = 1 << 18;
    private static final int READ_TIMEOUT_MILLIS = 10_000;

    private final InetSocketAddress to;
    private final Duration each;
    private final boolean orderly;
    private final byte[] hello;

    private LoadClient(InetSocketAddress to, Duration each, boolean orderly) throws IOException {
        this.to = to;
        this.each = each;
        this.orderly = orderly;
        this.hello = Wire.hello();
    }

    /**
     * Measures one way.
     *
     * @param each how long each figure is measured, after as long a time that does not count
     * @param orderly whether connections end with FIN, as most do, and their ports have to wait; not with RST
     * @throws IOException if a connection is refused, or ends too early
     */
    public static Figures run(String address, int port, Duration each, boolean orderly) throws IOException {
        return new LoadClient(new InetSocketAddress(InetAddress.ofLiteral(address), port), each, orderly).measure();
    }

    private Figures measure() throws IOException {
        connections();
        trips();
        long[] times = trips();
        double gigabits = bulk();
        double connections = connections();
        return new Figures(times[times.length / 2] / 1e3, times[times.length * 99 / 100] / 1e3, gigabits, connections);
    }

    private Socket open() throws IOException {
        Socket socket = new Socket();
        if (!orderly) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        socket.connect(to);
        socket.getOutputStream().write(hello);
        if (socket.getInputStream().read() != Wire.GREETING) {
            socket.close();
            throw new IOException("refused by " + to);
        }
        return socket;
    }

    /** Round trips for a while, in nanoseconds, in ascending order. */
    private long[] trips() throws IOException {
        try (Socket socket = open()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            socket.getOutputStream().write(Wire.ECHO);
            byte[] message = new byte[Wire.MESSAGE];
            long[] times = new long[MOST_SAMPLES];
            int count = 0;
            long end = System.nanoTime() + each.toNanos();
            while (count == 0 || count < times.length && System.nanoTime() < end) {
                long start = System.nanoTime();
                socket.getOutputStream().write(message);
                in.readFully(message);
                times[count++] = System.nanoTime() - start;
            }
            long[] sorted = Arrays.copyOf(times, count);
            Arrays.sort(sorted);
            return sorted;
        }
    }

    /** Gbit/s to this client. */
    private double bulk() throws IOException {
        try (Socket socket = open()) {
            InputStream in = socket.getInputStream();
            socket.getOutputStream().write(Wire.SEND);
            byte[] chunk = new byte[CHUNK];
            long start = System.nanoTime();
            long end = start + each.toNanos();
            long total = 0;
            while (System.nanoTime() < end) {
                int count = in.read(chunk);
                if (count < 0) {
                    throw new IOException("the bulk ended early");
                }
                total += count;
            }
            return total * 8.0 / (System.nanoTime() - start);
        }
    }

    /** Connections a second that got their greeting. */
    private double connections() throws IOException {
        long start = System.nanoTime();
        AtomicLong done = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        Thread[] threads = new Thread[PARALLEL];
        for (int i = 0; i < PARALLEL; i++) {
            threads[i] = Thread.ofPlatform().start(() -> openUntil(start + each.toNanos(), done, failed));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        if (failed.get() > 0) {
            throw new IOException(failed + " of " + (done.get() + failed.get()) + " connections failed");
        }
        return done.get() * 1e9 / (System.nanoTime() - start);
    }

    private void openUntil(long end, AtomicLong done, AtomicLong failed) {
        while (System.nanoTime() < end) {
            try {
                open().close();
                done.incrementAndGet();
            } catch (IOException e) {
                failed.incrementAndGet();
            }
        }
    }
}
