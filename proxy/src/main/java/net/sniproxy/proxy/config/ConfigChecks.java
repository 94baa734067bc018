package net.sniproxy.proxy.config;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What no section can tell alone, looked at where every key is right by itself. */
final class ConfigChecks {
    private final Config config;
    private final Context context;

    private ConfigChecks(Config config, Context context) {
        this.config = config;
        this.context = context;
    }

    static void run(Config config, Context context) {
        ConfigChecks checks = new ConfigChecks(config, context);
        checks.listeners();
        checks.routes();
        checks.fallbacks();
        checks.somethingToForward();
    }

    private void listeners() {
        Set<InetSocketAddress> seen = new HashSet<>();
        for (InetSocketAddress address : config.listenAddr()) {
            if (address.getPort() != 0 && !seen.add(address)) {
                context.problem("listen_addr", "has " + address.getHostString() + ":" + address.getPort() + " twice");
            }
        }
    }

    private void routes() {
        Map<NamePattern, Map<String, Integer>> seen = new HashMap<>();
        for (int i = 0; i < config.routes().size(); i++) {
            RouteConfig route = config.routes().get(i);
            Map<String, Integer> conditions = seen.computeIfAbsent(route.match(), _ -> new HashMap<>());
            // Routes without a condition clash with each other only: one with a condition comes before them.
            for (String alpn : route.alpn().isEmpty() ? List.of("") : route.alpn()) {
                Integer other = conditions.putIfAbsent(alpn, i);
                if (other != null) {
                    String condition = alpn.isEmpty() ? "" : " and the protocol " + alpn;
                    context.problem(
                            "routes[" + i + "].match",
                            "has \"" + route.match() + "\"" + condition + " as routes[" + other
                                    + "] has: which one is meant would depend on their order");
                    break;
                }
            }
        }
    }

    private void fallbacks() {
        if (config.noSni() instanceof Fallback.To(Target.Requested target)) {
            context.problem("no_sni", "is " + target + ", but there is no requested name: wanted a host");
        }
    }

    private void somethingToForward() {
        boolean nothing = config.routes().isEmpty()
                && config.whitelist().isEmpty()
                && config.socks5Whitelist().isEmpty()
                && config.noSni() instanceof Fallback.Reject
                && config.noMatch() instanceof Fallback.Reject;
        if (nothing) {
            context.problem("whitelist", "is missing or empty, and so are routes: nothing would ever be forwarded");
        }
    }
}
