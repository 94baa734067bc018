package net.sniproxy.proxy.filter;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Limits how often each source comes: so many at once, and one more whenever a second divided by the rate has passed (the
 * generic cell rate algorithm, which needs one number for each source). Remembers a fixed number of sources and forgets
 * the one that came least recently. Thread-safe.
 */
final class SourceRates {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** For each source, when it will have used up no part of its rate. */
    private final Map<Source, Long> restedAt = new LinkedHashMap<>(16, 0.75f, true);

    private final int mostSources;

    SourceRates(int mostSources) {
        this.mostSources = mostSources;
    }

    /**
     * Whether a source may come now; if so, it is counted.
     *
     * @param now in nanoseconds, of a clock that may overflow
     */
    synchronized boolean admit(Source source, int perSecond, long now) {
        long interval = SECOND / perSecond;
        long rested = restedAt.getOrDefault(source, now);
        long usedUp = Math.max(0, rested - now);
        if (usedUp > SECOND - interval) {
            return false;
        }
        restedAt.put(source, now + usedUp + interval);
        if (restedAt.size() > mostSources) {
            restedAt.remove(restedAt.keySet().iterator().next());
        }
        return true;
    }

    /** How many sources are remembered. */
    synchronized int size() {
        return restedAt.size();
    }
}
