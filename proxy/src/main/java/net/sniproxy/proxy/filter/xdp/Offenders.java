package net.sniproxy.proxy.filter.xdp;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.filter.CidrSet;

/**
 * Finds sources that misbehave again and again: {@link #STRIKES} connections within {@link #WINDOW_NANOS} that were no
 * TLS, asked for a name without a route, or broke a limit. Only whole connections count, whose source is proven by the
 * handshake: a forged SYN gets nobody denied. Thread-safe; its memory is bounded.
 */
final class Offenders implements ConnectionObserver {
    /** This many offences make an offender. */
    static final int STRIKES = 10;
    /** Offences count for a minute. */
    static final long WINDOW_NANOS = 60_000_000_000L;

    private static final int MOST_SOURCES = 65_536;

    private final LongSupplier nanoTime;
    private final BiConsumer<InetAddress, Ending> found;
    private final Map<Long, Record> records = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Record> eldest) {
            return size() > MOST_SOURCES;
        }
    };
    private volatile CidrSet trusted = CidrSet.of(List.of());

    /** @param since when the first strike of the window fell */
    private record Record(int strikes, long since) {}

    /** @param found is told of each offender, on its connection's event loop */
    Offenders(LongSupplier nanoTime, BiConsumer<InetAddress, Ending> found) {
        this.nanoTime = nanoTime;
        this.found = found;
    }

    /** Peers that speak for many clients, with the PROXY protocol: what comes through them is not their offence. */
    void trust(CidrSet peers) {
        trusted = peers;
    }

    @Override
    public void on(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Closed closed && isOffence(closed.ending())) {
            InetAddress peer = closed.connection().peer().getAddress();
            if (!trusted.contains(peer) && isLast(AddressWords.source(peer))) {
                found.accept(peer, closed.ending());
            }
        }
    }

    private synchronized boolean isLast(long source) {
        long now = nanoTime.getAsLong();
        Record before = records.getOrDefault(source, new Record(0, now));
        Record after = now - before.since() > WINDOW_NANOS
                ? new Record(1, now)
                : new Record(before.strikes() + 1, before.since());
        if (after.strikes() >= STRIKES) {
            records.remove(source);
            return true;
        }
        records.put(source, after);
        return false;
    }

    private static boolean isOffence(Ending ending) {
        return switch (ending) {
            case SOURCE_DENIED,
                    TOO_MANY_FROM_SOURCE,
                    RATE_LIMITED,
                    HELLO_TIMEOUT,
                    HELLO_INVALID,
                    PLAIN_HTTP,
                    NOT_TLS,
                    NO_NAME,
                    NO_ROUTE -> true;
            case COMPLETED,
                    CLIENT_RESET,
                    UPSTREAM_RESET,
                    CLIENT_VANISHED,
                    UPSTREAM_VANISHED,
                    IDLE_TIMEOUT,
                    REVOKED,
                    DRAINED,
                    CLIENT_LEFT,
                    TOO_MANY_CONNECTIONS,
                    PROXY_HEADER_INVALID,
                    UNRESOLVED,
                    UPSTREAM_DENIED,
                    UPSTREAM_FAILED,
                    CONNECT_TIMEOUT,
                    OVERLOADED,
                    INTERNAL_ERROR -> false;
        };
    }
}
