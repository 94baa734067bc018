package net.sniproxy.proxy.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.kernel.DnsHashKey;
import net.sniproxy.kernel.DnsName;
import net.sniproxy.kernel.DnsRecord;
import net.sniproxy.proxy.dns.AddressCache.Lifetimes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses of one family in {@code DNS_CACHE}. What is not in that map is not known: the kernel decides what has to make
 * room, and what is deleted there is gone. A name that was seen in the map is taken to be there for {@link #SEEN_NANOS}, because
 * a system call alone takes as long as everything else together. Beside it this process keeps the full name, which is compared on each hit, and
 * all addresses; after a restart they come from {@code DNS_NAMES}.
 *
 * <p>No lookup takes a lock. Lives are whole seconds, rounded up. An answer keeps its first 16 addresses over a restart.
 */
final class KernelNameCache implements NameCache {
    /** How long a look into the map holds. */
    static final long SEEN_NANOS = Duration.ofSeconds(1).toNanos();

    /**
     * The kernel does not count a look from user space as use; writing does, so that names in use stay in the map. Seldom enough
     * that not one lookup in a hundred pays for it.
     */
    private static final long MARK_INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(KernelNameCache.class);

    private final BpfMap records;
    private final TypedMap<Long, DnsRecord> recordsByKey;
    private final TypedMap<Long, DnsName> names;
    private final NameKey keys;
    private final int addressBytes;
    private final Lifetimes lifetimes;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<Long, Known> known = new ConcurrentHashMap<>();
    private Iterator<Map.Entry<Long, Known>> sweep = Collections.emptyIterator();

    /** What the record has no place for. */
    private static final class Known {
        private final String name;
        private final long timestamp;
        private final long life;
        private final List<Entry> entries;
        /** Several threads may mark at once, which does no harm. */
        private long marked;
        /** When it was last seen in the map; likewise. */
        private long seen;

        /** @param life in nanoseconds */
        Known(String name, long timestamp, long life, List<Entry> entries) {
            this.name = name;
            this.timestamp = timestamp;
            this.life = life;
            this.entries = entries;
            this.marked = timestamp;
            this.seen = timestamp;
        }
    }

    /**
     * @param family 4 or 6
     * @param nanoTime the kernel's monotonic clock, as {@link System#nanoTime} reads it
     */
    KernelNameCache(KernelCacheMaps maps, DnsHashKey secret, int family, Lifetimes lifetimes, LongSupplier nanoTime) {
        this.records = maps.cache();
        this.recordsByKey = TypedMap.of(maps.cache(), Codec.u64(), Codec.of(DnsRecord.class));
        this.names = TypedMap.of(maps.names(), Codec.u64(), Codec.of(DnsName.class));
        this.keys = new NameKey(secret, family);
        this.addressBytes = family == NameKey.IPV4 ? 4 : 16;
        this.lifetimes = lifetimes;
        this.nanoTime = nanoTime;
    }

    @Override
    public Found find(String hostname) {
        if (!NameKey.fits(hostname)) {
            return Found.NOTHING;
        }
        RecordBuffers buffers = RecordBuffers.ofThread();
        long key = keys.of(hostname, buffers);
        long now = nanoTime.getAsLong();
        Known remembered = known.get(key);
        if (remembered != null && now - remembered.seen < SEEN_NANOS && NameKey.same(remembered.name, hostname)) {
            return judge(key, remembered, now);
        }
        return look(hostname, key, now, buffers);
    }

    private Found look(String hostname, long key, long now, RecordBuffers buffers) {
        if (!records.lookup(buffers.key(key), buffers.value())) {
            known.remove(key);
            return Found.NOTHING;
        }
        Known entry = known(key, hostname, buffers);
        if (entry == null || !NameKey.same(entry.name, hostname)) {
            return Found.NOTHING;
        }
        entry.seen = now;
        if (now - entry.marked >= MARK_INTERVAL_NANOS) {
            entry.marked = now;
            mark(key, buffers);
        }
        return judge(key, entry, now);
    }

    private Found judge(long key, Known entry, long now) {
        long age = now - entry.timestamp;
        boolean negative = entry.entries.getFirst().address() == null;
        if (age >= entry.life + (negative ? 0 : lifetimes.stale().toNanos())) {
            forget(key);
            return Found.NOTHING;
        }
        return Found.of(entry.entries, age, entry.life);
    }

    private void mark(long key, RecordBuffers buffers) {
        try {
            records.update(buffers.key(key), buffers.value(), UpdateMode.EXIST);
        } catch (BpfException noRoom) {
            LOG.debug("a name in use could not be marked", noRoom);
        }
    }

    private @Nullable Known known(long key, String hostname, RecordBuffers buffers) {
        Known entry = known.get(key);
        return entry != null && entry.timestamp == buffers.timestamp()
                ? entry
                : restore(key, hostname, buffers.timestamp(), nanos(buffers.ttl()));
    }

    /** Reads what this process does not remember: a record from before a restart. */
    private @Nullable Known restore(long key, String hostname, long timestamp, long life) {
        DnsName stored = names.lookup(key).orElse(null);
        if (stored == null || stored.timestamp() != timestamp || !NameKey.same(NameKey.text(stored), hostname)) {
            return null;
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < stored.addresses(); i++) {
            byte[] bytes = Arrays.copyOfRange(stored.bytes(), i * addressBytes, (i + 1) * addressBytes);
            entries.add(new Entry(address(bytes), null));
        }
        Known entry = new Known(
                NameKey.text(stored), timestamp, life, entries.isEmpty() ? negative(hostname) : List.copyOf(entries));
        known.put(key, entry);
        return entry;
    }

    private static long nanos(long seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }

    private static List<Entry> negative(String hostname) {
        return List.of(new Entry(null, new UnknownHostException(hostname)));
    }

    @Override
    public void store(String hostname, List<InetAddress> addresses, long ttlSeconds) {
        if (!NameKey.fits(hostname)) {
            return;
        }
        Duration life = lifetimes.of(addresses, ttlSeconds);
        if (!life.isPositive()) {
            clear(hostname);
            return;
        }
        String name = NameCache.canonical(hostname);
        long key = keys.of(name, RecordBuffers.ofThread());
        long now = nanoTime.getAsLong();
        List<Entry> entries = addresses.isEmpty()
                ? negative(name)
                : addresses.stream().map(address -> new Entry(address, null)).toList();
        // The record last: it is what makes the rest known.
        int ttl = (int) Math.ceilDiv(life.toMillis(), 1000L);
        known.put(key, new Known(name, now, nanos(ttl), entries));
        try {
            names.update(key, NameKey.describe(name, now, addresses, addressBytes));
            recordsByKey.update(key, record(addresses, now, ttl));
        } catch (BpfException noRoom) {
            // Every CPU may hold back free places of a small map; then the name is asked for again next time.
            LOG.debug("a name could not be kept", noRoom);
        }
        forgetEvicted();
    }

    private static DnsRecord record(List<InetAddress> addresses, long now, int ttl) {
        byte[] ipv4 = new byte[4];
        byte[] ipv6 = new byte[16];
        if (addresses.isEmpty()) {
            return new DnsRecord((byte) 0, ipv4, ipv6, now, ttl);
        }
        byte[] first = addresses.getFirst().getAddress();
        return first.length == ipv4.length
                ? new DnsRecord((byte) NameKey.IPV4, first, ipv6, now, ttl)
                : new DnsRecord((byte) NameKey.IPV6, ipv4, first, now, ttl);
    }

    /**
     * Looks at two names for each that is added, so that what the kernel evicted is forgotten here too, without ever
     * looking at all of them at once.
     */
    private synchronized void forgetEvicted() {
        RecordBuffers buffers = RecordBuffers.ofThread();
        for (int i = 0; i < 2; i++) {
            if (!sweep.hasNext()) {
                sweep = known.entrySet().iterator();
            }
            if (sweep.hasNext()) {
                Map.Entry<Long, Known> next = sweep.next();
                if (!records.lookup(buffers.key(next.getKey()), buffers.value())) {
                    known.remove(next.getKey(), next.getValue());
                    names.delete(next.getKey());
                }
            }
        }
    }

    private boolean forget(long key) {
        known.remove(key);
        names.delete(key);
        return recordsByKey.delete(key);
    }

    @Override
    public boolean clear(String hostname) {
        return NameKey.fits(hostname) && forget(keys.of(hostname, RecordBuffers.ofThread()));
    }

    @Override
    public void clear() {
        List.copyOf(known.keySet()).forEach(this::forget);
    }

    /** How many names this process remembers. */
    int remembered() {
        return known.size();
    }
}
