package net.sniproxy.proxy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A name server (RFC 1035) on UDP that answers, or fails to, as a test tells it. */
final class DnsServer implements AutoCloseable {
    static final int NXDOMAIN = 3;
    static final int SERVFAIL = 2;

    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int AAAA = 28;

    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final ConcurrentMap<String, AtomicInteger> queries = new ConcurrentHashMap<>();
    private final Function<String, Reply> replies;

    /** What to do with a query for a name. */
    sealed interface Reply {
        record Addresses(int ttl, List<String> addresses) implements Reply {}

        record Alias(String target) implements Reply {}

        record Error(int code) implements Reply {}

        record WrongId(String address) implements Reply {}

        record Silence() implements Reply {}
    }

    DnsServer(Function<String, Reply> replies) throws IOException {
        this.replies = replies;
        Thread.ofVirtual().start(this::serve);
    }

    static Reply addresses(int ttl, String... addresses) {
        return new Reply.Addresses(ttl, List.of(addresses));
    }

    /** As the {@code dns} key of a configuration, asking for IPv4 only. */
    String config() {
        return "'dns': {'servers': ['udp://127.0.0.1:" + socket.getLocalPort() + "'], 'family': 'ipv4_only'}";
    }

    /** How many queries for addresses of this name have come. */
    int queries(String name) {
        return queries.getOrDefault(name, new AtomicInteger()).get();
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        byte[] buffer = new byte[1500];
        var packet = new DatagramPacket(buffer, buffer.length);
        while (!socket.isClosed()) {
            try {
                packet.setLength(buffer.length);
                socket.receive(packet);
                answer(Arrays.copyOf(buffer, packet.getLength()), (InetSocketAddress) packet.getSocketAddress());
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(byte[] query, InetSocketAddress from) throws IOException {
        var name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            at += query[at] + 1;
        }
        int type = query[at + 2];
        byte[] question = Arrays.copyOfRange(query, 12, at + 5);
        queries.computeIfAbsent(name.toString(), n -> new AtomicInteger()).incrementAndGet();
        ByteBuffer reply = reply(query, question, type, replies.apply(name.toString()));
        if (reply != null) {
            socket.send(new DatagramPacket(reply.array(), reply.position(), from));
        }
    }

    private static ByteBuffer reply(byte[] query, byte[] question, int type, Reply reply) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(1500);
        short id = ByteBuffer.wrap(query).getShort();
        switch (reply) {
            case Reply.Silence() -> {
                return null;
            }
            case Reply.Error(int code) -> header(out, id, code, 0, question);
            case Reply.WrongId(String address) -> {
                header(out, (short) (id + 1), 0, 1, question);
                record(out, A, 60, InetAddress.ofLiteral(address).getAddress());
            }
            case Reply.Alias(String target) -> {
                header(out, id, 0, 1, question);
                record(out, CNAME, 60, encode(target));
            }
            case Reply.Addresses(int ttl, List<String> addresses) -> {
                int length = type == A ? 4 : 16;
                List<byte[]> matching = addresses.stream()
                        .map(address -> InetAddress.ofLiteral(address).getAddress())
                        .filter(bytes -> bytes.length == length && (type == A || type == AAAA))
                        .toList();
                header(out, id, 0, matching.size(), question);
                matching.forEach(bytes -> record(out, type, ttl, bytes));
            }
        }
        return out;
    }

    private static void header(ByteBuffer out, short id, int code, int answers, byte[] question) {
        out.putShort(id).putShort((short) (0x8180 | code)).putShort((short) 1).putShort((short) answers);
        out.putInt(0).put(question);
    }

    private static void record(ByteBuffer out, int type, int ttl, byte[] data) {
        out.putShort((short) 0xc00c).putShort((short) type).putShort((short) 1).putInt(ttl);
        out.putShort((short) data.length).put(data);
    }

    private static byte[] encode(String name) {
        ByteBuffer out = ByteBuffer.allocate(300);
        for (String label : name.split("\\.")) {
            out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.put((byte) 0);
        return Arrays.copyOf(out.array(), out.position());
    }
}
