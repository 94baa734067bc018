package net.sniproxy.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.ProxyVersion;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.config.Target;

/**
 * Where a connection goes, and by which rule. Two routes that are equal treat connections alike: after a reload, a
 * connection stays if the new router answers its name with a route equal to the old one.
 *
 * @param source the key of the configuration the rule stands under
 * @param match the rule's pattern as text; empty for {@code no_sni} and {@code no_match}
 * @param targets at least one; {@code *:port} where the requested name is the host
 */
public record Route(
        Source source, String match, List<Target> targets, Via via, Optional<ProxyVersion> sendProxy, Balance balance) {
    public Route {
        targets = List.copyOf(targets);
    }

    /** Where rules stand in the configuration. */
    public enum Source {
        ROUTES("routes"),
        SOCKS5_WHITELIST("socks5_whitelist"),
        WHITELIST("whitelist"),
        NO_SNI("no_sni"),
        NO_MATCH("no_match");

        private final String key;

        Source(String key) {
            this.key = key;
        }

        /** The key of the configuration. */
        @Override
        public String toString() {
            return key;
        }
    }

    /** A number that differs, in all likelihood, when the route does; the same in every process. */
    public long digest() {
        long hash = 0xcbf29ce484222325L; // FNV-1a
        for (byte b : toString().getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    /** For logs: {@code routes:*.example.com}, {@code no_sni}. */
    public String label() {
        return match.isEmpty() ? source.toString() : source + ":" + match;
    }
}
