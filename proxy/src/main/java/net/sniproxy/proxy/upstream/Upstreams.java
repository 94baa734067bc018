package net.sniproxy.proxy.upstream;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import net.sniproxy.proxy.config.Socks5Config;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.transport.Transport;

/** What all dials of one configuration have in common. Thread-safe. */
public final class Upstreams {
    private final Transport transport;
    private final Optional<Socks5Config> socks5;
    private final AddressPolicy policy;
    private final UpstreamSockets sockets;
    private final ConcurrentHashMap<Route, TargetPool> pools = new ConcurrentHashMap<>();

    /** Without any knowledge of which targets are up. */
    public Upstreams(
            Transport transport, Optional<Socks5Config> socks5, AddressPolicy policy, UpstreamSockets sockets) {
        this.transport = transport;
        this.socks5 = socks5;
        this.policy = policy;
        this.sockets = sockets;
    }

    /** For another configuration; routes that are in both keep their counts and failures, and what tells nothing is forgotten. */
    public Upstreams next(Optional<Socks5Config> socks5, AddressPolicy policy) {
        var next = new Upstreams(transport, socks5, policy, sockets);
        pools.forEach((route, pool) -> {
            if (pool.isRemembered()) {
                next.pools.put(route, pool);
            }
        });
        return next;
    }

    Transport transport() {
        return transport;
    }

    Optional<Socks5Config> socks5() {
        return socks5;
    }

    AddressPolicy policy() {
        return policy;
    }

    UpstreamSockets sockets() {
        return sockets;
    }

    /**
     * Counts a connection that is there already as one of its target's.
     *
     * @param target as {@link Dial.Listener#trying} was told
     * @return empty if the route has no such target
     */
    public Optional<Dial.Lease> lease(Route route, String target) {
        return pool(route).find(target).map(member -> {
            member.acquire();
            return new Dial.Lease(member);
        });
    }

    TargetPool pool(Route route) {
        TargetPool known = pools.get(route);
        return known != null
                ? known
                : pools.computeIfAbsent(route, r -> new TargetPool(r.targets(), r.balance(), System::nanoTime));
    }
}
