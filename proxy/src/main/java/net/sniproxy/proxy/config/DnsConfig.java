package net.sniproxy.proxy.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * {@code dns}.
 *
 * @param servers asked over UDP, and TCP for what does not fit; empty: the system's
 * @param minTtl answers live no shorter
 * @param maxTtl answers live no longer
 * @param negativeTtl how long a failure is remembered; zero: not at all
 * @param maxStale how long an answer is used after its life while the name is asked for again; zero: not at all
 * @param prefetch whether names in use are asked for again before they expire
 */
public record DnsConfig(
        List<InetSocketAddress> servers,
        Family family,
        Duration minTtl,
        Duration maxTtl,
        Duration negativeTtl,
        Duration maxStale,
        boolean prefetch) {
    public DnsConfig {
        servers = List.copyOf(servers);
    }

    /** Which addresses are used, and which are tried first. */
    public enum Family {
        IPV4_FIRST,
        IPV6_FIRST,
        IPV4_ONLY,
        IPV6_ONLY
    }
}
