package net.sniproxy.proxy.dns;

import io.netty.channel.EventLoop;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.config.DnsConfig;
import net.sniproxy.proxy.config.DnsConfig.Family;
import net.sniproxy.proxy.transport.Transport;

/**
 * Resolves names for one event loop; all methods run on it.
 *
 * <p>Both families are asked at once, and the answers go to the caller as they come (RFC 8305 section 3): the preferred family's
 * immediately, the other's after a short wait for the preferred.
 */
public final class Resolver implements AutoCloseable {
    /** RFC 8305's Resolution Delay. */
    private static final long PREFERRED_HEAD_START_MILLIS = 50;
    /** Names that are being asked for at one time; more are turned away. */
    private static final int MOST_PENDING = 1024;
    /** A server that has not answered by then is passed over for the next. */
    private static final long SERVER_TIMEOUT_MILLIS = 1_500;
    /** Queries for one name in one family, CNAMEs and retries included: what ends a CNAME loop. */
    private static final int MOST_QUERIES = 12;

    private static final String NO_SERVERS =
            "no name server is known: " + SystemNameServers.RESOLV_CONF + " names none; set dns.servers";
    private static final HostsFileEntriesResolver HOSTS_FILE = HostsFileEntriesResolver.DEFAULT;

    private final EventLoop loop;
    private final List<FamilyResolver> families;
    private int pending;

    /** Told on the event loop, possibly before {@link #resolve} returns. */
    public interface Answer {
        /** Addresses to try, never none; may come twice, the more preferred first unless they were slow. */
        void addresses(List<InetAddress> addresses);

        /** No more addresses will come; the last call. The failure says why there were none, or is empty. */
        void complete(String failure);
    }

    /** The caches of the two families, shared by the resolvers of all event loops. */
    public record Caches(NameCache v4, NameCache v6, CacheCounters counters) {
        /** Empty caches in this process's memory. */
        public static Caches inMemory(DnsConfig config, int capacity) {
            var lifetimes = lifetimes(config);
            return new Caches(
                    new AddressCache(capacity, lifetimes, System::nanoTime),
                    new AddressCache(capacity, lifetimes, System::nanoTime),
                    new CacheCounters());
        }

        static AddressCache.Lifetimes lifetimes(DnsConfig config) {
            return new AddressCache.Lifetimes(
                    config.minTtl(), config.maxTtl(), config.negativeTtl(), config.maxStale());
        }

        /** The same caches, counted elsewhere. */
        Caches withCounters(CacheCounters other) {
            return new Caches(v4, v6, other);
        }
    }

    /** Opens no socket before a name is asked for. */
    public Resolver(EventLoop loop, Transport transport, DnsConfig config, Caches caches) {
        this(loop, transport, config, caches, SystemNameServers.RESOLV_CONF);
    }

    /** As above, where the system is described by another file. */
    Resolver(EventLoop loop, Transport transport, DnsConfig config, Caches caches, Path resolvConf) {
        this.loop = loop;
        Optional<DnsServerAddressStreamProvider> servers = config.servers().isEmpty()
                ? SystemNameServers.find(resolvConf)
                : Optional.of(new SequentialDnsServerAddressStreamProvider(
                        config.servers().toArray(InetSocketAddress[]::new)));
        if (servers.isEmpty()) {
            this.families = List.of();
            return;
        }
        var builder = new DnsNameResolverBuilder(loop)
                .datagramChannelFactory(transport.datagrams())
                .socketChannelFactory(transport.resolverSockets())
                .nameServerProvider(servers.get())
                // A new source port for each query makes forged answers harder (RFC 5452 section 9).
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .queryTimeoutMillis(SERVER_TIMEOUT_MILLIS)
                .maxQueriesPerResolve(MOST_QUERIES)
                .searchDomains(List.of())
                .ndots(0)
                .decodeIdn(false)
                .consolidateCacheSize(MOST_PENDING);
        CacheCounters counters = caches.counters;
        var v4 = new FamilyResolver(builder, ResolvedAddressTypes.IPV4_ONLY, caches.v4, counters, config.prefetch());
        var v6 = new FamilyResolver(builder, ResolvedAddressTypes.IPV6_ONLY, caches.v6, counters, config.prefetch());
        this.families = inOrder(config.family(), v4, v6);
    }

    private static List<FamilyResolver> inOrder(Family family, FamilyResolver v4, FamilyResolver v6) {
        return switch (family) {
            case IPV4_FIRST -> List.of(v4, v6);
            case IPV6_FIRST -> List.of(v6, v4);
            case IPV4_ONLY -> List.of(v4);
            case IPV6_ONLY -> List.of(v6);
        };
    }

    /** Looks a name up; the answer comes from the caches at once if they have it, however many others are being asked for. */
    public void resolve(String name, Answer answer) {
        if (families.isEmpty()) {
            resolveByHostsFile(name, answer);
            return;
        }
        List<NameCache.Found> known = new ArrayList<>(families.size());
        for (FamilyResolver family : families) {
            known.add(family.find(name));
        }
        boolean asks = known.stream().anyMatch(found -> found.entries().isEmpty());
        if (asks && pending >= MOST_PENDING) {
            answer.complete("too many names are being resolved");
            return;
        }
        pending++;
        new Lookup(name, answer).start(known);
    }

    private static void resolveByHostsFile(String name, Answer answer) {
        InetAddress address = HOSTS_FILE.address(name, ResolvedAddressTypes.IPV4_PREFERRED);
        if (address == null) {
            answer.complete(NO_SERVERS);
        } else {
            answer.addresses(List.of(address));
            answer.complete("");
        }
    }

    @Override
    public void close() {
        families.forEach(FamilyResolver::close);
    }

    /** One name's answers, on their way to the caller. */
    private final class Lookup {
        private final String name;
        private final Answer answer;
        private final List<InetAddress> heldBack = new ArrayList<>();
        private int outstanding = families.size();
        private boolean preferredDone;
        private boolean any;
        private String failure = "";

        Lookup(String name, Answer answer) {
            this.name = name;
            this.answer = answer;
        }

        /** @param known what the caches know, by family */
        void start(List<NameCache.Found> known) {
            for (int i = 0; i < families.size(); i++) {
                boolean preferred = i == 0;
                List<? extends DnsCacheEntry> entries = known.get(i).entries();
                if (!entries.isEmpty()) {
                    answered(preferred, entries);
                } else {
                    families.get(i).ask(name).addListener((Future<List<InetAddress>> done) -> {
                        if (done.isSuccess()) {
                            found(preferred, done.getNow());
                        } else {
                            notFound(preferred, done.cause());
                        }
                    });
                }
            }
        }

        private void answered(boolean preferred, List<? extends DnsCacheEntry> entries) {
            Throwable cause = entries.getFirst().cause();
            if (cause != null) {
                notFound(preferred, cause);
            } else {
                List<InetAddress> addresses = new ArrayList<>(entries.size());
                for (DnsCacheEntry entry : entries) {
                    addresses.add(entry.address());
                }
                found(preferred, addresses);
            }
        }

        private void found(boolean preferred, List<InetAddress> addresses) {
            outstanding--;
            if (preferred || preferredDone) {
                preferredDone |= preferred;
                deliver(addresses);
            } else {
                heldBack.addAll(addresses);
                loop.schedule(this::releaseHeldBack, PREFERRED_HEAD_START_MILLIS, TimeUnit.MILLISECONDS);
            }
            completeIfDone();
        }

        private void notFound(boolean preferred, Throwable cause) {
            outstanding--;
            preferredDone |= preferred;
            failure = describe(cause);
            completeIfDone();
        }

        private void deliver(List<InetAddress> addresses) {
            any = true;
            answer.addresses(addresses);
            releaseHeldBack();
        }

        private void releaseHeldBack() {
            if (!heldBack.isEmpty()) {
                any = true;
                List<InetAddress> addresses = List.copyOf(heldBack);
                heldBack.clear();
                answer.addresses(addresses);
            }
        }

        private void completeIfDone() {
            if (outstanding == 0) {
                pending--;
                releaseHeldBack();
                answer.complete(any ? "" : failure);
            }
        }

        private String describe(Throwable cause) {
            Throwable root = cause;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return cause instanceof UnknownHostException && root == cause
                    ? "no such name"
                    : Objects.requireNonNullElse(root.getMessage(), root.toString());
        }
    }
}
