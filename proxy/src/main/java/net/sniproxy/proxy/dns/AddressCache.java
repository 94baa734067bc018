package net.sniproxy.proxy.dns;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Addresses by name, for one address family; when it is full, the name that was not asked for the longest makes room. Thread-safe.
 */
public final class AddressCache implements NameCache {
    private final Lifetimes lifetimes;
    private final LongSupplier nanoTime;
    private final Map<String, List<Known>> entries;

    /**
     * How long answers are kept.
     *
     * @param shortest answers with a lower TTL are kept this long; those with TTL 0 are not kept if this is zero
     * @param longest answers with a higher TTL are kept this long
     * @param failure how long a name that does not exist is remembered as such; zero for not at all
     * @param stale how long an answer may be used after its life while the name is asked for again
     */
    public record Lifetimes(Duration shortest, Duration longest, Duration failure, Duration stale) {
        /** Nothing is used after its life. */
        public Lifetimes(Duration shortest, Duration longest, Duration failure) {
            this(shortest, longest, failure, Duration.ZERO);
        }

        /** The life of an answer; without addresses it is a failure. */
        Duration of(List<InetAddress> addresses, long ttlSeconds) {
            if (addresses.isEmpty()) {
                return failure;
            }
            Duration ttl = Duration.ofSeconds(ttlSeconds);
            return ttl.compareTo(shortest) < 0 ? shortest : ttl.compareTo(longest) > 0 ? longest : ttl;
        }
    }

    /**
     * @param capacity the most names that are kept
     * @param nanoTime a clock like {@link System#nanoTime}
     */
    public AddressCache(int capacity, Lifetimes lifetimes, LongSupplier nanoTime) {
        this.lifetimes = lifetimes;
        this.nanoTime = nanoTime;
        this.entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, List<Known>> eldest) {
                return size() > capacity;
            }
        };
    }

    @Override
    public synchronized void clear() {
        entries.clear();
    }

    @Override
    public synchronized boolean clear(String hostname) {
        return entries.remove(NameCache.canonical(hostname)) != null;
    }

    @Override
    public synchronized Found find(String hostname) {
        String key = NameCache.canonical(hostname);
        List<Known> known = entries.get(key);
        if (known == null) {
            return Found.NOTHING;
        }
        long now = nanoTime.getAsLong();
        List<Known> fresh = known.stream().filter(entry -> entry.isFresh(now)).toList();
        Known last = known.stream()
                .max(Comparator.comparingLong(entry -> entry.expiresAt - now))
                .orElseThrow();
        if (fresh.isEmpty() && (last.address == null || now - last.expiresAt >= lifetimes.stale.toNanos())) {
            entries.remove(key);
            return Found.NOTHING;
        }
        if (!fresh.isEmpty() && fresh.size() < known.size()) {
            entries.put(key, fresh);
        }
        return Found.of(fresh.isEmpty() ? known : fresh, now - last.since, last.expiresAt - last.since);
    }

    @Override
    public void store(String hostname, List<InetAddress> addresses, long ttlSeconds) {
        Duration life = lifetimes.of(addresses, ttlSeconds);
        if (!life.isPositive()) {
            clear(hostname);
            return;
        }
        long now = nanoTime.getAsLong();
        List<Known> answer = addresses.isEmpty()
                ? List.of(new Known(null, new UnknownHostException(hostname), now, now + life.toNanos()))
                : addresses.stream()
                        .map(address -> new Known(address, null, now, now + life.toNanos()))
                        .toList();
        synchronized (this) {
            entries.put(NameCache.canonical(hostname), answer);
        }
    }

    @Override
    public DnsCacheEntry cache(
            String hostname, DnsRecord @Nullable [] additionals, InetAddress address, long ttlSeconds, EventLoop loop) {
        Duration kept = lifetimes.of(List.of(address), ttlSeconds);
        long now = nanoTime.getAsLong();
        Known entry = new Known(address, null, now, now + kept.toNanos());
        if (kept.isPositive()) {
            add(NameCache.canonical(hostname), entry);
        }
        return entry;
    }

    @Override
    public DnsCacheEntry cache(String hostname, DnsRecord @Nullable [] additionals, Throwable cause, EventLoop loop) {
        long now = nanoTime.getAsLong();
        Known entry = new Known(null, cause, now, now + lifetimes.failure.toNanos());
        if (lifetimes.failure.isPositive()) {
            synchronized (this) {
                entries.put(NameCache.canonical(hostname), List.of(entry));
            }
        }
        return entry;
    }

    private synchronized void add(String key, Known added) {
        List<Known> all = new ArrayList<>();
        long now = nanoTime.getAsLong();
        for (Known old : entries.getOrDefault(key, List.of())) {
            if (old.isFresh(now) && old.address != null && !old.address.equals(added.address)) {
                all.add(old);
            }
        }
        all.add(added);
        entries.put(key, List.copyOf(all));
    }

    /** How many names are known, stale ones included. */
    synchronized int size() {
        return entries.size();
    }

    private record Known(
            @Nullable InetAddress address, @Nullable Throwable cause, long since, long expiresAt)
            implements DnsCacheEntry {
        boolean isFresh(long now) {
            return expiresAt - now > 0;
        }
    }
}
