package net.sniproxy.proxy.dns;

import java.util.concurrent.atomic.LongAdder;

/** What caches of names were good for, since the start. Thread-safe. */
public final class CacheCounters {
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder prefetches = new LongAdder();

    void count(NameCache.Age age) {
        switch (age) {
            case UNKNOWN -> misses.increment();
            case FRESH, EXPIRING -> hits.increment();
            case STALE -> stale.increment();
        }
    }

    void prefetched() {
        prefetches.increment();
    }

    /** Answers that were there and held; each address family counts, as everywhere here. */
    public long hits() {
        return hits.sum();
    }

    /** Names that had to be asked for while a client waited. */
    public long misses() {
        return misses.sum();
    }

    /** Answers that were used although their life had ended. */
    public long stale() {
        return stale.sum();
    }

    /** Names that were asked for before their life ended. */
    public long prefetches() {
        return prefetches.sum();
    }
}
