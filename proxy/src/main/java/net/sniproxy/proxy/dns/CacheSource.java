package net.sniproxy.proxy.dns;

import net.sniproxy.proxy.config.DnsConfig;

/** Where resolvers get their caches from: this process's memory, or the kernel's. */
public interface CacheSource {
    /** Caches for these settings; what was asked of other name servers is not in them. */
    Resolver.Caches caches(DnsConfig config);

    /** What all caches from here were good for. */
    CacheCounters counters();

    /** In this process's memory, for so many names of each family. */
    static CacheSource inMemory(int capacity) {
        CacheCounters counters = new CacheCounters();
        return new CacheSource() {
            @Override
            public Resolver.Caches caches(DnsConfig config) {
                return Resolver.Caches.inMemory(config, capacity).withCounters(counters);
            }

            @Override
            public CacheCounters counters() {
                return counters;
            }
        };
    }
}
