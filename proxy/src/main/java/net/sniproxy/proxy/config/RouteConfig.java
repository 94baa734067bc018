package net.sniproxy.proxy.config;

import java.util.List;
import java.util.Optional;

/**
 * One entry of {@code routes}.
 *
 * @param match what names it is for: {@code name}, {@code *.name}, {@code /regex/} or {@code *}
 * @param alpn if not empty: only for clients that offer one of these protocols
 * @param upstream at least one target
 * @param via how to get there
 * @param sendProxy the PROXY protocol version to begin with, if any
 * @param balance how to choose among several targets
 */
public record RouteConfig(
        NamePattern match,
        List<String> alpn,
        List<Target> upstream,
        Via via,
        Optional<ProxyVersion> sendProxy,
        Balance balance) {
    public RouteConfig {
        alpn = List.copyOf(alpn);
        upstream = List.copyOf(upstream);
    }

    /** How an upstream is reached. */
    public enum Via {
        DIRECT,
        /** Through the {@code socks5} proxy, which resolves the name. */
        SOCKS5
    }

    /** Versions of the PROXY protocol. */
    public enum ProxyVersion {
        V1,
        V2
    }

    /** How one of several targets is chosen. */
    public enum Balance {
        ROUND_ROBIN,
        LEAST_CONNECTIONS,
        /** By the client's address: the same client comes to the same target while that is up. */
        CLIENT_HASH
    }
}
