package net.sniproxy.proxy.dns;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Addresses by name, for one address family; when it is full, the name that was not asked for the longest makes room. Thread-safe.
 */
public final class AddressCache implements DnsCache {
    private final Lifetimes lifetimes;
    private final LongSupplier nanoTime;
    private final Map<String, List<Known>> entries;

    /**
     * How long answers are kept.
     *
     * @param shortest answers with a lower TTL are kept this long; those with TTL 0 are not kept if this is zero
     * @param longest answers with a higher TTL are kept this long
     * @param failure how long a name that does not exist is remembered as such; zero for not at all
     */
    public record Lifetimes(Duration shortest, Duration longest, Duration failure) {}

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
        return entries.remove(key(hostname)) != null;
    }

    @Override
    public synchronized List<? extends DnsCacheEntry> get(String hostname, DnsRecord @Nullable [] additionals) {
        String key = key(hostname);
        List<Known> known = entries.get(key);
        if (known == null) {
            return List.of();
        }
        long now = nanoTime.getAsLong();
        if (known.stream().allMatch(entry -> entry.isFresh(now))) {
            return known;
        }
        List<Known> fresh = known.stream().filter(entry -> entry.isFresh(now)).toList();
        if (fresh.isEmpty()) {
            entries.remove(key);
        } else {
            entries.put(key, fresh);
        }
        return fresh;
    }

    @Override
    public DnsCacheEntry cache(
            String hostname, DnsRecord @Nullable [] additionals, InetAddress address, long ttlSeconds, EventLoop loop) {
        Duration ttl = Duration.ofSeconds(ttlSeconds);
        Duration kept = ttl.compareTo(lifetimes.shortest) < 0
                ? lifetimes.shortest
                : ttl.compareTo(lifetimes.longest) > 0 ? lifetimes.longest : ttl;
        Known entry = new Known(address, null, nanoTime.getAsLong() + kept.toNanos());
        if (kept.isPositive()) {
            add(key(hostname), entry);
        }
        return entry;
    }

    @Override
    public DnsCacheEntry cache(String hostname, DnsRecord @Nullable [] additionals, Throwable cause, EventLoop loop) {
        Known entry = new Known(null, cause, nanoTime.getAsLong() + lifetimes.failure.toNanos());
        if (lifetimes.failure.isPositive()) {
            synchronized (this) {
                entries.put(key(hostname), List.of(entry));
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

    private static String key(String hostname) {
        return hostname.endsWith(".") ? hostname.substring(0, hostname.length() - 1) : hostname;
    }

    private record Known(
            @Nullable InetAddress address, @Nullable Throwable cause, long expiresAt) implements DnsCacheEntry {
        boolean isFresh(long now) {
            return expiresAt - now > 0;
        }
    }
}
