package net.sniproxy.e2e.harness;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A configuration file in the making. Mutable, so that a reload is a change and {@link ProxyProcess#reload}. */
public final class ProxyConfig {
    /** What the proxy gives a client to say hello, and an upstream to answer, if nobody says otherwise. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final InetSocketAddress address;
    private final Map<String, Object> root = new LinkedHashMap<>();
    private final List<Map<String, Object>> routes = new ArrayList<>();

    private ProxyConfig(InetSocketAddress address) {
        this.address = address;
    }

    /** Listens on a free port of an address; private upstreams are allowed, for every back end here is one. */
    public static ProxyConfig on(InetAddress address) {
        InetSocketAddress listen = new InetSocketAddress(address, Ports.free());
        // Its own limits, which are longer where the machine is slower.
        String limit = Await.patient(LIMIT).toSeconds() + "s";
        return new ProxyConfig(listen)
                .set("listen_addr", text(listen))
                .set("deny_private_upstreams", false)
                .set("timeouts.hello", limit)
                .set("timeouts.connect", limit);
    }

    /** {@code host:port} as the configuration writes it. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** Sets a key, dots going down into objects: {@code timeouts.hello}. */
    @SuppressWarnings("unchecked")
    public ProxyConfig set(String key, Object value) {
        Map<String, Object> at = root;
        String[] steps = key.split("\\.");
        for (String step : Arrays.copyOf(steps, steps.length - 1)) {
            at = (Map<String, Object>) at.computeIfAbsent(step, absent -> new LinkedHashMap<>());
        }
        at.put(steps[steps.length - 1], value);
        return this;
    }

    /** Takes back a key of the top level. */
    public ProxyConfig unset(String key) {
        root.remove(key);
        return this;
    }

    /** Adds a route to one target. */
    public ProxyConfig route(String match, String upstream) {
        return route(Map.of("match", match, "upstream", upstream));
    }

    /** Adds a route with any keys. */
    public ProxyConfig route(Map<String, Object> route) {
        routes.add(route);
        return this;
    }

    /** Takes back the route for a name. */
    public ProxyConfig removeRoute(String match) {
        routes.removeIf(route -> route.get("match").equals(match));
        return this;
    }

    /** Where the first listener is. */
    public InetSocketAddress address() {
        return address;
    }

    /** The file's text. */
    public String json() {
        Map<String, Object> all = new LinkedHashMap<>(root);
        if (!routes.isEmpty()) {
            all.put("routes", routes);
        }
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(all);
    }
}
