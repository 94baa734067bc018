package net.sniproxy.proxy.stats;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;

/** Connection events for tests. */
public final class Events {
    private static final Instant ACCEPTED = Instant.parse("2026-01-31T12:00:00Z");

    private Events() {}

    static ConnectionInfo connection(String client) {
        return new ConnectionInfo(7, new InetSocketAddress("127.0.0.1", 8443), address(client), ACCEPTED);
    }

    static Closed completed(String client, String name, String upstream, long up, long down) {
        return closed(client, Optional.of(name), List.of("h2"), address(upstream), up, down);
    }

    static Closed closed(
            String client, Optional<String> name, List<String> alpn, SocketAddress upstream, long up, long down) {
        return new Closed(
                connection(client),
                address(client),
                name,
                alpn,
                Optional.of("*.example.com"),
                Optional.of("www.example.com:443"),
                Optional.of(upstream),
                Optional.of(DataPathKind.RELAY),
                "",
                ByteCounts.relayed(up, down),
                Duration.ofMillis(1234),
                Ending.COMPLETED,
                "");
    }

    static LiveConnection open(String client, String name, long up, long down) {
        return open(client, name, ByteCounts.relayed(up, down), 1);
    }

    static LiveConnection open(String client, String name, ByteCounts bytes, long id) {
        return new LiveConnection(
                new ConnectionInfo(id, new InetSocketAddress("127.0.0.1", 8443), address(client), ACCEPTED),
                address(client),
                Optional.of(name),
                Optional.of("*.example.com"),
                Optional.of("www.example.com:443"),
                Optional.of(address("192.0.2.9")),
                Optional.of(DataPathKind.RELAY),
                bytes);
    }

    /** A connection without a name, ended by the proxy. */
    public static Closed refused(String client, Ending ending, String detail) {
        return new Closed(
                connection(client),
                address(client),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "",
                ByteCounts.NONE,
                Duration.ofMillis(3),
                ending,
                detail);
    }

    private static InetSocketAddress address(String ip) {
        return new InetSocketAddress(ip, 443);
    }
}
