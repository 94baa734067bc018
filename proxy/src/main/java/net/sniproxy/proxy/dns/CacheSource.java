package net.sniproxy.proxy.dns;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.proxy.config.DnsConfig;

/** Where resolvers get their caches from: this process's memory, or the kernel's. */
public interface CacheSource {
    /** Caches for these settings; what was asked of other name servers is not in them. */
    Resolver.Caches caches(DnsConfig config);

    /** The caches that were asked for last; empty before. On any thread. */
    Optional<Resolver.Caches> inUse();

    /** What all caches from here were good for. */
    CacheCounters counters();

    /** The kernel's maps behind them, by name; none if they are in this process's memory. */
    default Map<String, BpfMap> maps() {
        return Map.of();
    }

    /** In this process's memory, for so many names of each family. */
    static CacheSource inMemory(int capacity) {
        CacheCounters counters = new CacheCounters();
        AtomicReference<Resolver.Caches> last = new AtomicReference<>();
        return new CacheSource() {
            @Override
            public Resolver.Caches caches(DnsConfig config) {
                Resolver.Caches caches =
                        Resolver.Caches.inMemory(config, capacity).withCounters(counters);
                last.set(caches);
                return caches;
            }

            @Override
            public Optional<Resolver.Caches> inUse() {
                return Optional.ofNullable(last.get());
            }

            @Override
            public CacheCounters counters() {
                return counters;
            }
        };
    }
}
