package net.sniproxy.proxy.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * Addresses by name in this process's memory, for one address family. Thread-safe: no lookup takes a lock; what changes the
 * cache takes one.
 *
 * <p>When it is full, names make room in the order in which they came; one that was asked for since its last turn is spared
 * and goes to the end (the "second chance" form of least recently used, in which a lookup writes nothing but one flag).
 */
public final class AddressCache implements NameCache {
    private final int capacity;
    private final Lifetimes lifetimes;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<String, Known> answers = new ConcurrentHashMap<>();
    /** The same answers, the one whose turn it is to make room first. Guarded by this object. */
    private final SequencedMap<String, Known> turns = new LinkedHashMap<>();

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

    /** A whole answer. */
    private static final class Known {
        private final List<Entry> entries;
        private final long since;
        private final long life;
        /** Asked for since its last turn; written only where that changes it, so that threads do not fight over its cache line. */
        private volatile boolean used;

        /** @param life in nanoseconds */
        Known(List<Entry> entries, long since, long life) {
            this.entries = entries;
            this.since = since;
            this.life = life;
        }

        void use() {
            if (!used) {
                used = true;
            }
        }

        /** Whether it is spared this time. */
        boolean spare() {
            boolean spared = used;
            used = false;
            return spared;
        }

        boolean isFailure() {
            return entries.getFirst().address() == null;
        }
    }

    /**
     * @param capacity the most names that are kept
     * @param nanoTime a clock like {@link System#nanoTime}
     */
    public AddressCache(int capacity, Lifetimes lifetimes, LongSupplier nanoTime) {
        this.capacity = capacity;
        this.lifetimes = lifetimes;
        this.nanoTime = nanoTime;
    }

    @Override
    public Found find(String hostname) {
        String name = NameCache.canonical(hostname);
        Known known = answers.get(name);
        if (known == null) {
            return Found.NOTHING;
        }
        long age = nanoTime.getAsLong() - known.since;
        if (age >= known.life + (known.isFailure() ? 0 : lifetimes.stale().toNanos())) {
            forget(name, known);
            return Found.NOTHING;
        }
        known.use();
        return Found.of(known.entries, age, known.life);
    }

    @Override
    public void store(String hostname, List<InetAddress> addresses, long ttlSeconds) {
        Duration life = lifetimes.of(addresses, ttlSeconds);
        if (!life.isPositive()) {
            clear(hostname);
            return;
        }
        List<Entry> entries = addresses.isEmpty()
                ? List.of(new Entry(null, new UnknownHostException(hostname)))
                : addresses.stream().map(address -> new Entry(address, null)).toList();
        keep(NameCache.canonical(hostname), new Known(entries, nanoTime.getAsLong(), life.toNanos()));
    }

    private synchronized void keep(String name, Known answer) {
        if (turns.remove(name) == null) {
            makeRoom();
        }
        turns.put(name, answer);
        answers.put(name, answer);
    }

    /** Looks at each name once at most, however often they are asked for meanwhile. */
    private void makeRoom() {
        for (int spared = 0; turns.size() >= capacity; spared++) {
            var first = turns.pollFirstEntry();
            if (first.getValue().spare() && spared < capacity) {
                turns.putLast(first.getKey(), first.getValue());
            } else {
                answers.remove(first.getKey());
            }
        }
    }

    private synchronized void forget(String name, Known answer) {
        if (turns.remove(name, answer)) {
            answers.remove(name);
        }
    }

    @Override
    public synchronized boolean clear(String hostname) {
        String name = NameCache.canonical(hostname);
        answers.remove(name);
        return turns.remove(name) != null;
    }

    @Override
    public synchronized void clear() {
        answers.clear();
        turns.clear();
    }

    /** How many names are known, stale ones included. */
    int size() {
        return answers.size();
    }
}
