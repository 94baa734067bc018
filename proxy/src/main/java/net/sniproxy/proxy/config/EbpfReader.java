package net.sniproxy.proxy.config;

import net.sniproxy.proxy.config.EbpfConfig.Scope;
import net.sniproxy.proxy.config.EbpfConfig.XdpMode;

/** Reads {@code ebpf}. */
final class EbpfReader {
    /** What fits into the memory of large machines; the kernel refuses more in its own words. */
    private static final int MAX_ENTRIES = 100_000_000;

    /** More makes nothing faster. */
    private static final int MAX_REDIRECTED = 1 << 30;

    private EbpfReader() {}

    static EbpfConfig read(Section s) {
        EbpfConfig ebpf = new EbpfConfig(
                s.get("enabled", Types.ENABLED, "auto"),
                sockmap(s.section("sockmap")),
                dnsCache(s.section("dns_cache")),
                stats(s.section("stats")),
                splice(s.section("splice")),
                xdp(s.section("xdp")),
                s.get("trace", Types.BOOLEAN, "false"));
        s.end();
        return ebpf;
    }

    private static EbpfConfig.Sockmap sockmap(Section s) {
        EbpfConfig.Sockmap sockmap = new EbpfConfig.Sockmap(
                s.get("enabled", Types.BOOLEAN, "true"),
                s.get("max_entries", Types.integer(2, MAX_ENTRIES), "65536"),
                s.optional("cgroup", Types.PATH),
                s.get("limit", Types.size(1, MAX_REDIRECTED), "4M"),
                s.get("total_limit", Types.size(1, MAX_REDIRECTED), "256M"));
        s.end();
        return sockmap;
    }

    private static EbpfConfig.DnsCache dnsCache(Section s) {
        EbpfConfig.DnsCache cache = new EbpfConfig.DnsCache(
                s.get("enabled", Types.BOOLEAN, "true"),
                s.get("max_entries", Types.integer(1, MAX_ENTRIES), "10000"),
                s.optional("pin", Types.PATH));
        s.end();
        return cache;
    }

    private static EbpfConfig.Stats stats(Section s) {
        EbpfConfig.Stats stats = new EbpfConfig.Stats(s.get("enabled", Types.BOOLEAN, "true"));
        s.end();
        return stats;
    }

    private static EbpfConfig.Splice splice(Section s) {
        EbpfConfig.Splice splice = new EbpfConfig.Splice(
                s.get("enabled", Types.BOOLEAN, "true"),
                s.list("interfaces", Types.INTERFACE),
                s.get("max_flows", Types.integer(1, MAX_ENTRIES), "1000000"),
                s.get("pin", Types.PATH, "/sys/fs/bpf/sni-proxy"));
        s.end();
        return splice;
    }

    private static EbpfConfig.Xdp xdp(Section s) {
        EbpfConfig.Xdp xdp = new EbpfConfig.Xdp(
                s.get("enabled", Types.BOOLEAN, "false"),
                s.list("interfaces", Types.INTERFACE),
                s.get("mode", Types.choice(XdpMode.class), "auto"),
                s.list("allow", Types.CIDR),
                s.list("deny", Types.CIDR),
                s.get("scope", Types.choice(Scope.class), "ports"),
                s.optionalInt("syn_rate_per_source", 1, MAX_ENTRIES),
                s.get("deny_ttl", Types.duration("1s", "30d"), "1m"),
                s.optional("persistence_file", Types.PATH));
        if (xdp.enabled() && !s.has("interfaces")) {
            s.problem("interfaces", "is missing: the filter attaches only where it is told to");
        }
        s.end();
        return xdp;
    }
}
