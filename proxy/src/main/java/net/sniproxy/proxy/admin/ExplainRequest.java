package net.sniproxy.proxy.admin;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.Target;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.dns.CacheSource;
import net.sniproxy.proxy.filter.CidrSet;
import net.sniproxy.proxy.filter.xdp.SourceVerdict;
import net.sniproxy.proxy.filter.xdp.XdpFilter;
import net.sniproxy.proxy.hello.ServerName;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.route.Router;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What would become of a connection: the source filter, the access list, the router, the DNS cache and the data paths are
 * asked one after the other, as a connection would ask them, from what is in force now. No name server is asked.
 */
public final class ExplainRequest implements AdminCommand {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Supplier<Config> config;
    private final Optional<XdpFilter> filter;
    private final Supplier<DataPaths> paths;
    private final CacheSource names;

    /**
     * @param config what is in force
     * @param paths those that are in use
     * @param names where the caches are that connections ask
     */
    public ExplainRequest(
            Supplier<Config> config, Optional<XdpFilter> filter, Supplier<DataPaths> paths, CacheSource names) {
        this.config = config;
        this.filter = filter;
        this.paths = paths;
        this.names = names;
    }

    @Override
    public JsonNode answer(JsonNode arguments) {
        InetAddress client = Arguments.address(arguments, "client");
        Optional<String> name = Arguments.text(arguments, "sni").map(ServerName::canonical);
        Config now = config.get();
        ObjectNode answer = JSON.createObjectNode().put("client", client.getHostAddress());
        SourceVerdict inKernel = filter.map(one -> one.explain(client))
                .orElseGet(() -> new SourceVerdict(true, "the source filter does not run"));
        verdict(answer, "source_filter", inKernel);
        SourceVerdict listed = accessList(now, client);
        verdict(answer, "access_list", listed);
        Optional<Route> route = Router.of(now).route(name, List.of());
        name.ifPresent(text -> answer.put("sni", text));
        route(answer, route, name);
        route.ifPresent(taken -> answer.set("dns_cache", CachedAddresses.of(names.inUse(), taken, name)));
        answer.put("data_paths", dataPaths(paths.get()));
        boolean connected = inKernel.passes() && listed.passes() && route.isPresent();
        answer.put("connected", connected);
        return answer;
    }

    private static SourceVerdict accessList(Config config, InetAddress client) {
        if (config.ipWhitelist().isEmpty()) {
            return new SourceVerdict(true, "ip_whitelist is empty: everyone");
        }
        return CidrSet.of(config.ipWhitelist()).contains(client)
                ? new SourceVerdict(true, "on ip_whitelist")
                : new SourceVerdict(false, "not on ip_whitelist");
    }

    private static void verdict(ObjectNode answer, String who, SourceVerdict verdict) {
        answer.putObject(who).put("passes", verdict.passes()).put("reason", verdict.reason());
    }

    private static void route(ObjectNode answer, Optional<Route> route, Optional<String> name) {
        ObjectNode said = answer.putObject("route").put("found", route.isPresent());
        if (route.isEmpty()) {
            said.put("reason", (name.isPresent() ? "no rule is for the name" : "no_sni rejects") + ": TLS alert 112");
            return;
        }
        said.put("rule", route.get().label());
        said.put("via", route.get().via().name().toLowerCase(Locale.ROOT));
        for (Target target : route.get().targets()) {
            said.withArray("targets").add(target.toString());
        }
    }

    private static String dataPaths(DataPaths paths) {
        String offered =
                paths.paths().stream().map(path -> path.kind().label() + ", ").reduce("", String::concat);
        return offered + "relay" + (paths.unavailable().isEmpty() ? "" : " (" + paths.unavailable() + ")");
    }
}
