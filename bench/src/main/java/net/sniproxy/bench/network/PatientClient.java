package net.sniproxy.bench.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures where packets may be lost: what takes longer than {@link #PATIENCE} counts as that long and as lost, and a measurement
 * ends after {@link #LIMIT} with what it has. Each gives the median and the 99th percentile in nanoseconds, how many there were,
 * and how many of them were lost.
 */
final class PatientClient {
    /** Milliseconds. */
    private static final int PATIENCE = 3_000;
    /** Nanoseconds. */
    private static final long LIMIT = 4_000_000_000L;

    private static final int MEDIAN = 50;
    private static final int RARE = 99;

    private final InetSocketAddress to;
    private Optional<Socket> open = Optional.empty();
    private int lost;

    PatientClient(InetSocketAddress to) {
        this.to = to;
    }

    /** What is timed; fails if it takes too long. */
    private interface Attempt {
        void run() throws IOException;
    }

    /** Round trips of {@code size} bytes each way over one connection, or the next where one was lost. */
    String exchanges(int size, int count) throws IOException {
        byte[] message = new byte[size];
        try {
            return times(count, 0, () -> exchange(message));
        } finally {
            close();
        }
    }

    /**
     * New connections, one after the other, each up to the back end's greeting.
     *
     * @param pause milliseconds between two of them
     */
    String visits(long pause, int count) throws IOException {
        return times(count, pause * 1_000_000, () -> {
            greeted();
            close();
        });
    }

    private String times(int count, long pauseNanos, Attempt attempt) throws IOException {
        long[] times = new long[count];
        int done = 0;
        for (long begin = System.nanoTime(); done < count && System.nanoTime() - begin < LIMIT; done++) {
            LockSupport.parkNanos(pauseNanos);
            long start = System.nanoTime();
            try {
                attempt.run();
                times[done] = System.nanoTime() - start;
            } catch (IOException e) {
                times[done] = PATIENCE * 1_000_000L;
                lost++;
                close();
            }
        }
        Arrays.sort(times, 0, done);
        return times[done * MEDIAN / 100] + " " + times[done * RARE / 100] + " " + done + " " + lost;
    }

    private void exchange(byte[] message) throws IOException {
        if (open.isEmpty()) {
            Socket socket = greeted();
            socket.getOutputStream().write(Client.request(Wire.ECHO, message.length));
        }
        Socket socket = open.orElseThrow();
        socket.getOutputStream().write(message);
        if (socket.getInputStream().readNBytes(message.length).length < message.length) {
            throw new IOException("ended early");
        }
    }

    private Socket greeted() throws IOException {
        Socket socket = new Socket();
        open = Optional.of(socket);
        socket.connect(to, PATIENCE);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE);
        socket.getOutputStream().write(Wire.hello());
        byte[] greeting = socket.getInputStream().readNBytes(Wire.GREETING_BYTES);
        if (greeting.length < Wire.GREETING_BYTES || greeting[0] != Wire.GREETING) {
            throw new IOException("refused by " + to);
        }
        return socket;
    }

    private void close() throws IOException {
        if (open.isPresent()) {
            open.get().close();
            open = Optional.empty();
        }
    }
}
