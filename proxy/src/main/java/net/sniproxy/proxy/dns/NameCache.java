package net.sniproxy.proxy.dns;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of one family by name, kept no longer than their TTL unless they may be used when stale. Thread-safe, and
 * quick enough for an event loop.
 */
public interface NameCache extends DnsCache {
    /** What is known of a name. */
    Found find(String name);

    /**
     * Keeps a whole answer in place of what was known.
     *
     * @param addresses in the order of the answer; none: the name has no address of this family
     * @param ttlSeconds the lowest TTL in the answer; of no use without addresses
     */
    void store(String name, List<InetAddress> addresses, long ttlSeconds);

    /**
     * The result of {@link #find}.
     *
     * @param entries empty if the name is unknown; one without an address if it is known to have none
     */
    record Found(Age age, List<? extends DnsCacheEntry> entries) {
        /** Nothing is known. */
        public static final Found NOTHING = new Found(Age.UNKNOWN, List.of());

        /** How an answer of this age is to be used, by the parts of its life that have passed. */
        static Found of(List<? extends DnsCacheEntry> entries, long ageNanos, long lifeNanos) {
            Age age = ageNanos >= lifeNanos ? Age.STALE : ageNanos >= lifeNanos / 10 * 9 ? Age.EXPIRING : Age.FRESH;
            return new Found(age, entries);
        }
    }

    /** Whether an answer still holds. */
    enum Age {
        UNKNOWN,
        FRESH,
        /** Holds, for less than a tenth of its life. */
        EXPIRING,
        /** Holds no longer, but may be used while the name is asked for again. */
        STALE
    }

    @Override
    default List<? extends DnsCacheEntry> get(String hostname, DnsRecord @Nullable [] additionals) {
        Found found = find(hostname);
        return found.age() == Age.STALE ? List.of() : found.entries();
    }

    @Override
    default DnsCacheEntry cache(
            String hostname, DnsRecord @Nullable [] additionals, InetAddress address, long ttlSeconds, EventLoop loop) {
        store(hostname, List.of(address), ttlSeconds);
        return new Entry(address, null);
    }

    @Override
    default DnsCacheEntry cache(String hostname, DnsRecord @Nullable [] additionals, Throwable cause, EventLoop loop) {
        store(hostname, List.of(), 0);
        return new Entry(null, cause);
    }

    /** A name as it is compared: without the last dot. */
    static String canonical(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** Either an address or the reason why there is none. */
    record Entry(@Nullable InetAddress address, @Nullable Throwable cause) implements DnsCacheEntry {}
}
