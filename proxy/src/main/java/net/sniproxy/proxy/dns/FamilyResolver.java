package net.sniproxy.proxy.dns;

import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Addresses of one family, from the cache and from the name servers. For one event loop. */
final class FamilyResolver implements AutoCloseable {
    private final DnsNameResolver servers;
    private final AnswerCollector answers;
    private final NameCache cache;
    private final CacheCounters counters;
    private final boolean prefetch;
    private final Set<String> refreshing = new HashSet<>();

    FamilyResolver(
            DnsNameResolverBuilder builder,
            ResolvedAddressTypes family,
            NameCache cache,
            CacheCounters counters,
            boolean prefetch) {
        this.answers = new AnswerCollector(cache);
        this.servers = builder.copy()
                .resolvedAddressTypes(family)
                .resolveCache(answers)
                .build();
        this.cache = cache;
        this.counters = counters;
        this.prefetch = prefetch;
    }

    /** What the cache knows; a name whose life has ended or soon will is asked for again meanwhile. */
    NameCache.Found find(String name) {
        NameCache.Found found = cache.find(name);
        counters.count(found.age());
        switch (found.age()) {
            case STALE -> refresh(name);
            case EXPIRING -> {
                if (prefetch && refresh(name)) {
                    counters.prefetched();
                }
            }
            case UNKNOWN, FRESH -> {}
        }
        return found;
    }

    /** Asks the name servers, and keeps what they say. */
    Future<List<InetAddress>> ask(String name) {
        Future<List<InetAddress>> asked = servers.resolveAll(name);
        // The first listener, so that the answer is kept before anyone acts on it.
        return asked.addListener(_ -> answers.complete(name));
    }

    private boolean refresh(String name) {
        boolean begun = refreshing.add(name);
        if (begun) {
            ask(name).addListener(_ -> refreshing.remove(name));
        }
        return begun;
    }

    @Override
    public void close() {
        servers.close();
    }
}
