package net.sniproxy.proxy.config;

import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.RouteConfig.Balance;
import net.sniproxy.proxy.config.RouteConfig.ProxyVersion;
import net.sniproxy.proxy.config.RouteConfig.Via;

/** Turns the JSON object of a configuration into its record. Every key, its kind and its default stand here. */
final class ConfigReader {
    private static final int MAX_COUNT = 100_000_000;
    /** 2^14 is the longest record; a limit beyond 16 MiB is beyond what a handshake message can have. */
    private static final int MAX_HELLO_BYTES = 1 << 24;

    /** More series than that for each of names and clients is what a log is for. */
    private static final int MAX_TOP = 1_000;

    private static final int MIN_HELLO_BYTES = 512;

    private ConfigReader() {}

    static Config read(Section root) {
        // Editors find the schema by it.
        root.optional("$schema", Types.TEXT);
        Config config = new Config(
                root.oneOrMore("listen_addr", Types.ADDRESS),
                root.list("whitelist", Types.LISTED_NAME),
                root.list("socks5_whitelist", Types.LISTED_NAME),
                root.list("ip_whitelist", Types.CIDR),
                root.sections("routes").stream()
                        .flatMap(section -> route(section, root.has("socks5")).stream())
                        .toList(),
                root.get("no_sni", Types.FALLBACK, "reject"),
                root.get("no_match", Types.FALLBACK, "reject"),
                root.list("accept_proxy", Types.CIDR),
                root.optionalSection("socks5").flatMap(Socks5Reader::read),
                dns(root.section("dns")),
                timeouts(root.section("timeouts")),
                limits(root, root.section("limits")),
                root.get("deny_private_upstreams", Types.BOOLEAN, "true"),
                EbpfReader.read(root.section("ebpf")),
                new TrackingConfig(
                        ipTraffic(root.section("ip_traffic_tracking")), domainIp(root.section("domain_ip_tracking"))),
                log(root.section("log")),
                root.optionalSection("access_log").map(ConfigReader::accessLog),
                root.optionalSection("metrics").map(ConfigReader::metrics),
                root.optional("admin_socket", Types.PATH),
                root.optional("user", Types.USER));
        if (!config.socks5Whitelist().isEmpty() && !root.has("socks5")) {
            root.problem("socks5_whitelist", "needs the section socks5 with addr: without it these names go nowhere");
        }
        root.end();
        return config;
    }

    private static Optional<RouteConfig> route(Section s, boolean withSocks5) {
        Optional<NamePattern> match = s.optional("match", Types.PATTERN);
        if (!s.has("match")) {
            s.problem("match", "is missing: wanted " + Types.PATTERN.wanted());
        }
        List<String> alpn = s.list("alpn", Types.PROTOCOL);
        List<Target> upstream = s.oneOrMoreElse("upstream", Types.TARGET, "*:443");
        Via via = s.get("via", Types.choice(Via.class), "direct");
        Optional<ProxyVersion> sendProxy = s.optional("send_proxy", Types.choice(ProxyVersion.class));
        Balance balance = s.get("balance", Types.choice(Balance.class), "round_robin");
        if (via == Via.SOCKS5 && !withSocks5) {
            s.problem("via", "is socks5, which needs the section socks5 with addr");
        }
        if (via == Via.SOCKS5 && upstream.stream().anyMatch(Target.Unix.class::isInstance)) {
            s.problem("upstream", "has a unix socket, which socks5 cannot reach");
        }
        s.end();
        return match.map(pattern -> new RouteConfig(pattern, alpn, upstream, via, sendProxy, balance));
    }

    private static DnsConfig dns(Section s) {
        DnsConfig dns = new DnsConfig(
                s.list("servers", Types.DNS_SERVER),
                s.get("family", Types.choice(DnsConfig.Family.class), "ipv4_first"),
                s.get("min_ttl", Types.duration("0s", "1d"), "0s"),
                s.get("max_ttl", Types.duration("0s", "7d"), "1d"),
                s.get("negative_ttl", Types.duration("0s", "1d"), "10s"),
                s.get("max_stale", Types.duration("0s", "7d"), "0s"),
                s.get("prefetch", Types.BOOLEAN, "false"));
        if (dns.minTtl().compareTo(dns.maxTtl()) > 0) {
            s.problem("min_ttl", "is longer than max_ttl");
        }
        s.end();
        return dns;
    }

    private static TimeoutsConfig timeouts(Section s) {
        TimeoutsConfig timeouts = new TimeoutsConfig(
                s.get("hello", Types.duration("1ms", "1h"), "5s"),
                s.get("connect", Types.duration("1ms", "1h"), "5s"),
                s.get("idle", Types.duration("1ms", "30d"), "10m"),
                s.get("unacknowledged", Types.duration("1s", "7d"), "2m"),
                s.get("drain", Types.duration("0s", "1d"), "30s"));
        s.end();
        return timeouts;
    }

    private static LimitsConfig limits(Section root, Section s) {
        LimitsConfig limits = new LimitsConfig(
                s.get("hello_bytes", Types.size(MIN_HELLO_BYTES, MAX_HELLO_BYTES), "65536"),
                root.optionalInt("max_connections", 1, MAX_COUNT),
                s.optionalInt("connections_per_ip", 1, MAX_COUNT),
                s.optionalInt("connections_per_second_per_ip", 1, MAX_COUNT));
        s.end();
        return limits;
    }

    private static TrackingConfig.IpTraffic ipTraffic(Section s) {
        TrackingConfig.IpTraffic tracking = new TrackingConfig.IpTraffic(
                s.get("enabled", Types.BOOLEAN, "false"),
                s.get("max_tracked_ips", Types.integer(1, MAX_COUNT), "1000"),
                s.optional("output_file", Types.PATH),
                s.optional("persistence_file", Types.PATH));
        s.end();
        return tracking;
    }

    private static TrackingConfig.DomainIp domainIp(Section s) {
        TrackingConfig.DomainIp tracking = new TrackingConfig.DomainIp(
                s.get("enabled", Types.BOOLEAN, "false"), s.optional("output_file", Types.PATH));
        s.end();
        return tracking;
    }

    private static LogConfig log(Section s) {
        LogConfig log = new LogConfig(
                s.get("level", Types.choice(LogConfig.Level.class), "info"),
                s.get("output", Types.choice(LogConfig.Output.class), "stdout"),
                s.get("file_path", Types.PATH, "logs/sni-proxy.log"),
                s.get("enable_rotation", Types.BOOLEAN, "false"),
                s.get("max_size_mb", Types.integer(1, 1_000_000), "100"),
                s.get("max_backups", Types.integer(0, 10_000), "5"),
                s.get("show_timestamp", Types.BOOLEAN, "true"),
                s.get("show_module", Types.BOOLEAN, "true"),
                s.get("use_color", Types.BOOLEAN, "true"));
        s.end();
        return log;
    }

    private static AccessLogConfig accessLog(Section s) {
        AccessLogConfig accessLog = new AccessLogConfig(
                s.get("format", Types.choice(AccessLogConfig.Format.class), "text"), s.optional("file", Types.PATH));
        s.end();
        return accessLog;
    }

    private static MetricsConfig metrics(Section s) {
        MetricsConfig metrics = new MetricsConfig(
                s.get("addr", Types.ADDRESS, "127.0.0.1:9464"), s.get("top", Types.integer(0, MAX_TOP), "20"));
        s.end();
        return metrics;
    }
}
