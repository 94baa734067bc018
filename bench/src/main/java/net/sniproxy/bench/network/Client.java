package net.sniproxy.bench.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Measures on request, so that one warm process serves all contenders. A program of its own: reads lines of
 * {@code trips|exchanges|visits|down|up|connect HOST PORT SIZE COUNT} and answers each with a line of numbers.
 */
final class Client {
    private static final int MEDIAN = 50;
    private static final int RARE = 99;

    private Client() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        System.out.println("ready");
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split(" ");
            InetSocketAddress to = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
            long size = Long.parseLong(words[3]);
            int count = Integer.parseInt(words[4]);
            System.out.println(
                    switch (words[0]) {
                        case "trips" -> trips(to, (int) size, count);
                        case "exchanges" -> new PatientClient(to).exchanges((int) size, count);
                        case "visits" -> new PatientClient(to).visits(size, count);
                        case "down" -> Long.toString(down(to, size));
                        case "up" -> Long.toString(up(to, size));
                        case "connect" -> Connections.open(to, size, count);
                        default -> throw new IllegalArgumentException(line);
                    });
        }
    }

    /** Round trips of {@code size} bytes each way: median and 99th percentile in nanoseconds. */
    private static String trips(InetSocketAddress to, int size, int count) throws IOException {
        try (SocketChannel channel = connect(to)) {
            request(channel, Wire.ECHO, size);
            ByteBuffer message = ByteBuffer.allocateDirect(size);
            long[] times = new long[count];
            // As many again before, which do not count.
            for (int i = -count; i < count; i++) {
                long start = System.nanoTime();
                message.clear();
                while (message.hasRemaining()) {
                    channel.write(message);
                }
                read(channel, message.clear());
                if (i >= 0) {
                    times[i] = System.nanoTime() - start;
                }
            }
            return medianAndRare(times);
        }
    }

    private static String medianAndRare(long[] times) {
        Arrays.sort(times);
        return times[times.length * MEDIAN / 100] + " " + times[times.length * RARE / 100];
    }

    /** Nanoseconds until {@code size} bytes have come. */
    private static long down(InetSocketAddress to, long size) throws IOException {
        try (SocketChannel channel = connect(to)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(Wire.CHUNK);
            long start = System.nanoTime();
            request(channel, Wire.DOWN, size);
            for (long left = size; left > 0; ) {
                chunk.clear();
                int count = channel.read(chunk);
                if (count < 0) {
                    throw new IOException("ended with " + left + " bytes to come");
                }
                left -= count;
            }
            return System.nanoTime() - start;
        }
    }

    /** Nanoseconds until {@code size} bytes have arrived. */
    private static long up(InetSocketAddress to, long size) throws IOException {
        try (SocketChannel channel = connect(to)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(Wire.CHUNK);
            long start = System.nanoTime();
            request(channel, Wire.UP, size);
            for (long left = size; left > 0; ) {
                chunk.clear().limit((int) Math.min(left, Wire.CHUNK));
                left -= channel.write(chunk);
            }
            read(channel, ByteBuffer.allocate(1));
            return System.nanoTime() - start;
        }
    }

    private static SocketChannel connect(InetSocketAddress to) throws IOException {
        SocketChannel channel = SocketChannel.open(to);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.write(ByteBuffer.wrap(Wire.hello()));
        ByteBuffer greeting = ByteBuffer.allocate(Wire.GREETING_BYTES);
        read(channel, greeting);
        if (greeting.get(0) != Wire.GREETING) {
            throw new IOException("refused by " + to);
        }
        return channel;
    }

    private static void request(SocketChannel channel, byte request, long size) throws IOException {
        channel.write(ByteBuffer.wrap(request(request, size)));
    }

    /** The bytes that ask a {@link BackEnd} for something. */
    static byte[] request(byte request, long size) {
        return ByteBuffer.allocate(Wire.REQUEST_BYTES)
                .put(request)
                .putLong(size)
                .array();
    }

    private static void read(SocketChannel channel, ByteBuffer to) throws IOException {
        while (to.hasRemaining()) {
            if (channel.read(to) < 0) {
                throw new IOException("ended early");
            }
        }
    }
}
