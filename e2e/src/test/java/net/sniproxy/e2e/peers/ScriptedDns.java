package net.sniproxy.e2e.peers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import net.sniproxy.e2e.harness.ProxyConfig;

/** A DNS server (RFC 1035, UDP) that answers each name as the test says, also as no honest server would. */
public final class ScriptedDns implements AutoCloseable {
    private static final int A = 1;
    private static final int CNAME = 5;

    /** What to do with a question. */
    public sealed interface Reply {
        /** Answers A questions with addresses, others with nothing. */
        record Addresses(int ttl, List<String> addresses) implements Reply {}

        /** Answers with an alias and no address. */
        record Alias(String name) implements Reply {}

        /** Answers with a response code: 2 SERVFAIL, 3 NXDOMAIN. */
        record Code(int code) implements Reply {}

        /** Says nothing. */
        record Silence() implements Reply {}

        /** Answers with an address under another query id. */
        record WrongId(String address) implements Reply {}

        /** Answers with an address from another port than the one asked. */
        record WrongPort(String address) implements Reply {}
    }

    private final DatagramSocket socket = bind();
    private final Map<String, Reply> script = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();

    private ScriptedDns() {}

    /** Starts one; names without a reply get NXDOMAIN. */
    public static ScriptedDns start() {
        ScriptedDns dns = new ScriptedDns();
        // In the network namespace of the test, as what carries virtual threads need not be: some answers take a new
        // socket.
        Thread.ofPlatform().daemon().name("scripted-dns").start(dns::serve);
        return dns;
    }

    private static DatagramSocket bind() {
        try {
            return new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Decides the reply for a name. */
    public ScriptedDns reply(String name, Reply reply) {
        script.put(name, reply);
        return this;
    }

    /** Answers a name with one address for a minute. */
    public ScriptedDns address(String name, String address) {
        return reply(name, new Reply.Addresses(60, List.of(address)));
    }

    /** The server as {@code dns.servers} takes it. */
    public String url() {
        return "udp://" + ProxyConfig.text((InetSocketAddress) socket.getLocalSocketAddress());
    }

    /** How often the A record of a name was asked for. */
    public int asked(String name) {
        return asked.getOrDefault(name, new AtomicInteger()).get();
    }

    private void serve() {
        byte[] buffer = new byte[1500];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                answer(Question.parse(buffer, packet.getLength()), (InetSocketAddress) packet.getSocketAddress());
            } catch (IOException e) {
                // Closed by the test.
            }
        }
    }

    private void answer(Question question, InetSocketAddress to) throws IOException {
        if (question.type() == A) {
            asked.computeIfAbsent(question.name(), name -> new AtomicInteger()).incrementAndGet();
        }
        switch (script.getOrDefault(question.name(), new Reply.Code(3))) {
            case Reply.Addresses(int ttl, List<String> addresses) ->
                send(question.id(), question, 0, records(question, ttl, addresses), to);
            case Reply.Alias(String name) ->
                send(question.id(), question, 0, List.of(new Record(CNAME, 60, name(name))), to);
            case Reply.Code(int code) -> send(question.id(), question, code, List.of(), to);
            case Reply.Silence() -> {}
            case Reply.WrongId(String address) ->
                send(question.id() ^ 0x5555, question, 0, records(question, 60, List.of(address)), to);
            case Reply.WrongPort(String address) -> {
                try (DatagramSocket other = bind()) {
                    byte[] bytes = message(question.id(), question, 0, records(question, 60, List.of(address)));
                    other.send(new DatagramPacket(bytes, bytes.length, to));
                }
            }
        }
    }

    private static List<Record> records(Question question, int ttl, List<String> addresses) {
        return question.type() == A
                ? addresses.stream()
                        .map(a -> new Record(A, ttl, InetAddress.ofLiteral(a).getAddress()))
                        .toList()
                : List.of();
    }

    private void send(int id, Question question, int code, List<Record> records, InetSocketAddress to)
            throws IOException {
        byte[] bytes = message(id, question, code, records);
        socket.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static byte[] message(int id, Question question, int code, List<Record> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int number : new int[] {id, 0x8580 | code, 1, records.size(), 0, 0}) {
            out.writeBytes(two(number));
        }
        out.writeBytes(question.raw());
        for (Record record : records) {
            out.writeBytes(new byte[] {(byte) 0xc0, 12}); // the name of the question, by reference
            out.writeBytes(two(record.type()));
            out.writeBytes(two(1));
            out.writeBytes(two(record.ttl() >> 16));
            out.writeBytes(two(record.ttl()));
            out.writeBytes(two(record.data().length));
            out.writeBytes(record.data());
        }
        return out.toByteArray();
    }

    private static byte[] two(int number) {
        return new byte[] {(byte) (number >> 8), (byte) number};
    }

    private static byte[] name(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }

    private record Record(int type, int ttl, byte[] data) {}

    /** The one question of a query, and its encoding. */
    private record Question(int id, String name, int type, byte[] raw) {
        static Question parse(byte[] packet, int length) {
            StringBuilder name = new StringBuilder();
            int at = 12;
            for (; at < length && packet[at] != 0; at += packet[at] + 1) {
                name.append(name.isEmpty() ? "" : ".")
                        .append(new String(packet, at + 1, packet[at], StandardCharsets.US_ASCII));
            }
            int id = (packet[0] & 0xff) << 8 | packet[1] & 0xff;
            int type = (packet[at + 1] & 0xff) << 8 | packet[at + 2] & 0xff;
            return new Question(
                    id, name.toString().toLowerCase(Locale.ROOT), type, Arrays.copyOfRange(packet, 12, at + 5));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
