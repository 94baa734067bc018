package net.sniproxy.proxy.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.filter.Cidr;

/**
 * A whole configuration, validated. Read by {@link ConfigLoader}.
 *
 * @param listenAddr at least one address
 * @param whitelist names that are forwarded to themselves at port 443
 * @param socks5Whitelist the same through {@code socks5}, looked at before {@code whitelist}
 * @param ipWhitelist the only sources let in; empty: everyone
 * @param routes looked at before both lists
 * @param noSni for connections without a name
 * @param noMatch for names that no rule is for
 * @param acceptProxy the peers whose PROXY protocol header is believed, and required; empty: none is read
 * @param denyPrivateUpstreams whether names that resolve to loopback, private, link-local or the proxy's own addresses
 *     are refused
 * @param metrics where to serve metrics, if at all
 * @param adminSocket where commands reach the running proxy; empty: a place of the process's own
 * @param user who the proxy becomes when root starts it: a name, or UID:GID; empty: it stays who it is
 */
public record Config(
        List<InetSocketAddress> listenAddr,
        List<NamePattern> whitelist,
        List<NamePattern> socks5Whitelist,
        List<Cidr> ipWhitelist,
        List<RouteConfig> routes,
        Fallback noSni,
        Fallback noMatch,
        List<Cidr> acceptProxy,
        Optional<Socks5Config> socks5,
        DnsConfig dns,
        TimeoutsConfig timeouts,
        LimitsConfig limits,
        boolean denyPrivateUpstreams,
        EbpfConfig ebpf,
        TrackingConfig tracking,
        LogConfig log,
        Optional<AccessLogConfig> accessLog,
        Optional<MetricsConfig> metrics,
        Optional<Path> adminSocket,
        Optional<String> user) {
    public Config {
        listenAddr = List.copyOf(listenAddr);
        whitelist = List.copyOf(whitelist);
        socks5Whitelist = List.copyOf(socks5Whitelist);
        ipWhitelist = List.copyOf(ipWhitelist);
        routes = List.copyOf(routes);
        acceptProxy = List.copyOf(acceptProxy);
    }
}
