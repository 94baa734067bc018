package net.sniproxy.kernel;

import java.util.Map;
import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.KeyedMap;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.layout.Codec;

/**
 * What the maps of the source filter hold while a table of frames is judged.
 *
 * @param settings by {@link Setting}
 * @param whitelist single IPv4 sources
 * @param hosts single IPv4 sources that are denied
 * @param ipv4 blocks
 * @param ipv6 blocks
 * @param forATime sources denied for what they did
 * @param ports what listens where
 * @param ends single listen addresses
 */
record FilterScene(
        Map<Integer, Integer> settings,
        Map<Integer, U8> whitelist,
        Map<Integer, U64> hosts,
        Map<Ipv4Prefix, U64> ipv4,
        Map<Ipv6Prefix, U64> ipv6,
        Map<Long, U64> forATime,
        Map<Integer, U8> ports,
        Map<Endpoint, U8> ends) {
    private static final U8 LISTED = new U8((byte) 1);
    private static final U64 ALLOWED = new U64(FilterMaps.ALLOWED);
    private static final U64 FOR_GOOD = new U64(FilterMaps.FOR_GOOD);
    private static final U64 OVER = new U64(1);
    private static final U64 NOT_OVER = new U64(Long.MAX_VALUE);
    private static final int ALL_RULES =
            Setting.RULES_WHITELIST | Setting.RULES_HOSTS | Setting.RULES_IPV4 | Setting.RULES_IPV6;

    /** Every packet is judged; 10.1.2.3, 10.9.0.0/16 without 10.9.9.9 and 2001:db8:1::/48 are let in. */
    static FilterScene allowList() {
        return new FilterScene(
                Map.of(
                        Setting.FILTER, 1,
                        Setting.ALLOW_LIST, 1,
                        Setting.WHOLE_INTERFACE, 1,
                        Setting.RULES, ALL_RULES),
                Map.of(Frames.ipv4Word("10.1.2.3"), LISTED, Frames.ipv4Word("10.1.2.9"), new U8((byte) 0)),
                Map.of(),
                Map.of(ipv4("10.9.0.0", 16), ALLOWED, ipv4("10.9.9.9", 32), FOR_GOOD),
                Map.of(ipv6("2001:db8:1::", 48), ALLOWED),
                Map.of(),
                Map.of(),
                Map.of());
    }

    /**
     * Every packet is judged; everybody is let in but 10.1.2.3, 10.9.0.0/16 without 10.9.1.0/24, 2001:db8:1::/48 without
     * 2001:db8:1:1::/64, and for a time 10.7.7.7, 10.9.1.7 and 2001:db8:7:7::/64. Rules for 10.1.2.4, 10.8.0.0/16 and
     * 2001:db8:8::/48 are over.
     */
    static FilterScene denyList() {
        return new FilterScene(
                Map.of(
                        Setting.FILTER, 1,
                        Setting.WHOLE_INTERFACE, 1,
                        Setting.RULES, ALL_RULES,
                        Setting.DENIED_SOURCES, 1),
                Map.of(Frames.ipv4Word("10.1.2.5"), LISTED),
                Map.of(
                        Frames.ipv4Word("10.1.2.3"), FOR_GOOD,
                        Frames.ipv4Word("10.1.2.4"), OVER,
                        Frames.ipv4Word("10.1.2.5"), FOR_GOOD,
                        Frames.ipv4Word("10.1.2.6"), NOT_OVER),
                Map.of(
                        ipv4("10.9.0.0", 16), NOT_OVER,
                        ipv4("10.9.1.0", 24), ALLOWED,
                        ipv4("10.8.0.0", 16), OVER),
                Map.of(
                        ipv6("2001:db8:1::", 48), FOR_GOOD,
                        ipv6("2001:db8:1:1::", 64), ALLOWED,
                        ipv6("2001:db8:8::", 48), OVER),
                Map.of(
                        SourceKey.ipv4(Frames.ipv4Word("10.7.7.7")), NOT_OVER,
                        SourceKey.ipv4(Frames.ipv4Word("10.7.7.8")), OVER,
                        SourceKey.ipv4(Frames.ipv4Word("10.9.1.7")), NOT_OVER,
                        ipv6Key("2001:db8:7:7::"), NOT_OVER),
                Map.of(),
                Map.of());
    }

    /** Only 443 on all addresses, and 8443 on 10.0.0.1 and 2001:db8:ffff::1, are judged: nobody is let in. */
    static FilterScene portsOnly() {
        U8 everywhere = new U8((byte) (ListenPort.ANY_IPV4 | ListenPort.ANY_IPV6));
        return new FilterScene(
                Map.of(Setting.FILTER, 1, Setting.ALLOW_LIST, 1),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(443, everywhere, 8443, new U8((byte) ListenPort.SINGLE), 444, new U8((byte)
                        ListenPort.ANY_IPV6)),
                Map.of(Endpoint.ipv4(Frames.ipv4Word("10.0.0.1"), 8443), LISTED, ipv6End("2001:db8:ffff::1"), LISTED));
    }

    /** Writes the stand-ins of the JVM. */
    void fillJvm() {
        clearJvm();
        settings.forEach((index, value) -> KernelMaps.CONFIG.values().set(index, new U32(value)));
        put(KernelMaps.IP_WHITELIST, whitelist);
        put(FilterMaps.DENY_HOSTS, hosts);
        put(FilterMaps.RULES_IPV4, ipv4);
        put(FilterMaps.RULES_IPV6, ipv6);
        put(FilterMaps.DENIED_SOURCES, forATime);
        ports.forEach((index, value) -> FilterMaps.LISTEN_PORTS.values().set(index, value));
        put(FilterMaps.LISTEN_ENDS, ends);
    }

    private static <K, V> void put(KeyedMap<K, V> map, Map<K, V> entries) {
        entries.forEach((key, value) -> map.update(key, value, 0));
    }

    /** Empties the stand-ins of the JVM. */
    static void clearJvm() {
        clear(KernelMaps.CONFIG);
        clear(FilterMaps.LISTEN_PORTS);
        KernelMaps.TRAFFIC_STATS.clear();
        KernelMaps.IP_WHITELIST.entries().clear();
        FilterMaps.DENY_HOSTS.entries().clear();
        FilterMaps.RULES_IPV4.entries().clear();
        FilterMaps.RULES_IPV6.entries().clear();
        FilterMaps.DENIED_SOURCES.entries().clear();
        FilterMaps.SYN_BUDGETS.entries().clear();
        FilterMaps.LISTEN_ENDS.entries().clear();
        FilterMaps.FILTER_SAMPLES.records().clear();
    }

    private static void clear(BpfArray<?> map) {
        map.clear();
    }

    /** Writes the maps of the kernel, which are new. */
    void fillKernel(KernelRun kernel) {
        kernel.map("CONFIG", Codec.u32(), Codec.u32()).updateAll(settings);
        kernel.map("IP_WHITELIST", Codec.u32(), Codec.of(U8.class)).updateAll(whitelist);
        kernel.map("DENY_HOSTS", Codec.u32(), Codec.of(U64.class)).updateAll(hosts);
        kernel.map("RULES_IPV4", Codec.of(Ipv4Prefix.class), Codec.of(U64.class))
                .updateAll(ipv4);
        kernel.map("RULES_IPV6", Codec.of(Ipv6Prefix.class), Codec.of(U64.class))
                .updateAll(ipv6);
        kernel.map("DENIED_SOURCES", Codec.u64(), Codec.of(U64.class)).updateAll(forATime);
        kernel.map("LISTEN_PORTS", Codec.u32(), Codec.of(U8.class)).updateAll(ports);
        kernel.map("LISTEN_ENDS", Codec.of(Endpoint.class), Codec.of(U8.class)).updateAll(ends);
    }

    private static Ipv4Prefix ipv4(String network, int bits) {
        return new Ipv4Prefix(bits, Frames.ipv4Word(network));
    }

    private static Ipv6Prefix ipv6(String network, int bits) {
        return new Ipv6Prefix(
                bits,
                Frames.ipv6Word(network, 0),
                Frames.ipv6Word(network, 1),
                Frames.ipv6Word(network, 2),
                Frames.ipv6Word(network, 3));
    }

    private static long ipv6Key(String network) {
        return SourceKey.ipv6(Frames.ipv6Word(network, 0), Frames.ipv6Word(network, 1));
    }

    private static Endpoint ipv6End(String address) {
        return new Endpoint(
                Frames.ipv6Word(address, 0),
                Frames.ipv6Word(address, 1),
                Frames.ipv6Word(address, 2),
                Frames.ipv6Word(address, 3),
                8443);
    }
}
