package net.sniproxy.proxy.route;

import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.Fallback;
import net.sniproxy.proxy.config.NamePattern;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.Via;
import net.sniproxy.proxy.route.Route.Source;

/** Finds the route for a name; the package says which rule comes first. Immutable and thread-safe. */
public final class Router {
    private final RuleTable<Rule.Configured> routes = new RuleTable<>();
    private final RuleTable<Rule.Listed> socks5Whitelist;
    private final RuleTable<Rule.Listed> whitelist;
    private final Optional<Route> noSni;
    private final Optional<Route> noMatch;

    private Router(Config config) {
        config.routes()
                .forEach(route ->
                        routes.rule(route.match(), Rule.Configured::new).add(route));
        socks5Whitelist = listed(config.socks5Whitelist(), new Rule.Listed(Source.SOCKS5_WHITELIST, Via.SOCKS5));
        whitelist = listed(config.whitelist(), new Rule.Listed(Source.WHITELIST, Via.DIRECT));
        noSni = fallback(Source.NO_SNI, config.noSni());
        noMatch = fallback(Source.NO_MATCH, config.noMatch());
    }

    /** Makes the router of a configuration. Takes time and memory by the number of its names. */
    public static Router of(Config config) {
        return new Router(config);
    }

    /**
     * The route for a connection; empty: it is refused with TLS alert 112.
     *
     * @param name the requested name in canonical form; empty: the ClientHello has none
     * @param alpn the protocols the client offers, in its order
     */
    public Optional<Route> route(Optional<String> name, List<String> alpn) {
        return name.isPresent() ? route(name.get(), alpn) : noSni;
    }

    private Optional<Route> route(String name, List<String> alpn) {
        return routes.route(name, alpn)
                .or(() -> socks5Whitelist.route(name, alpn))
                .or(() -> whitelist.route(name, alpn))
                .or(() -> noMatch);
    }

    private static RuleTable<Rule.Listed> listed(List<NamePattern> names, Rule.Listed rule) {
        RuleTable<Rule.Listed> table = new RuleTable<>();
        names.forEach(name -> table.rule(name, () -> rule));
        return table;
    }

    private static Optional<Route> fallback(Source source, Fallback fallback) {
        return switch (fallback) {
            case Fallback.Reject _ -> Optional.empty();
            case Fallback.To(var target) ->
                Optional.of(new Route(source, "", List.of(target), Via.DIRECT, Optional.empty(), Balance.ROUND_ROBIN));
        };
    }
}
