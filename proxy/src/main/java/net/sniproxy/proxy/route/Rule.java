package net.sniproxy.proxy.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.proxy.config.NamePattern;
import net.sniproxy.proxy.config.RouteConfig;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.config.Target;

/** What stands behind a pattern. */
sealed interface Rule {
    /**
     * The route for a client; empty where the rule is only for clients that offer other protocols.
     *
     * @param pattern the one that matched
     */
    Optional<Route> route(NamePattern pattern, List<String> alpn);

    /** An entry of a white list: all entries of a list share one, so that a million of them are cheap. */
    record Listed(Route.Source source, Via via) implements Rule {
        private static final List<Target> REQUESTED = List.of(new Target.Requested(443));

        @Override
        public Optional<Route> route(NamePattern pattern, List<String> alpn) {
            return Optional.of(
                    new Route(source, pattern.toString(), REQUESTED, via, Optional.empty(), Balance.ROUND_ROBIN));
        }
    }

    /** The entries of {@code routes} with one pattern. Filled while the router is made, then left alone. */
    final class Configured implements Rule {
        private final Map<String, Route> byProtocol = new HashMap<>();
        private Optional<Route> unconditional = Optional.empty();

        void add(RouteConfig config) {
            Route route = new Route(
                    Route.Source.ROUTES,
                    config.match().toString(),
                    config.upstream(),
                    config.via(),
                    config.sendProxy(),
                    config.balance());
            if (config.alpn().isEmpty()) {
                unconditional = Optional.of(route);
            }
            config.alpn().forEach(protocol -> byProtocol.put(protocol, route));
        }

        @Override
        public Optional<Route> route(NamePattern pattern, List<String> alpn) {
            return alpn.stream()
                    .filter(byProtocol::containsKey)
                    .findFirst()
                    .map(byProtocol::get)
                    .or(() -> unconditional);
        }
    }
}
