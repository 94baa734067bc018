package net.sniproxy.proxy.admin;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import net.sniproxy.proxy.config.RouteConfig;
import net.sniproxy.proxy.config.Target;
import net.sniproxy.proxy.dns.NameCache;
import net.sniproxy.proxy.dns.Resolver;
import net.sniproxy.proxy.route.Route;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What the DNS cache knows of the names that a route leads to. */
final class CachedAddresses {
    private static final JsonMapper JSON = JsonMapper.shared();

    private CachedAddresses() {}

    /** One object for each name and address family, or in words why no name is asked for. */
    static JsonNode of(Optional<Resolver.Caches> caches, Route route, Optional<String> requested) {
        if (route.via() == RouteConfig.Via.SOCKS5) {
            return StringNode.valueOf("not asked: the SOCKS5 server resolves");
        }
        ArrayNode known = JSON.createArrayNode();
        route.targets().stream()
                .flatMap(target -> host(target, requested).stream())
                .filter(host -> !NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host))
                .distinct()
                .forEach(host -> {
                    known.add(family(host, "ipv4", caches.map(Resolver.Caches::v4)));
                    known.add(family(host, "ipv6", caches.map(Resolver.Caches::v6)));
                });
        return known;
    }

    private static Optional<String> host(Target target, Optional<String> requested) {
        return switch (target) {
            case Target.HostPort named -> Optional.of(named.host());
            case Target.Requested any -> requested;
            case Target.Unix socket -> Optional.empty();
        };
    }

    private static ObjectNode family(String host, String family, Optional<NameCache> cache) {
        NameCache.Found found = cache.map(one -> one.find(host)).orElse(NameCache.Found.NOTHING);
        ObjectNode said = JSON.createObjectNode()
                .put("name", host)
                .put("family", family)
                .put("answer", found.age().name().toLowerCase(Locale.ROOT));
        ArrayNode addresses = said.putArray("addresses");
        found.entries().stream()
                .flatMap(entry -> Stream.ofNullable(entry.address()))
                .map(InetAddress::getHostAddress)
                .forEach(addresses::add);
        return said;
    }
}
