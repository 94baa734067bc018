package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfLpmTrie;
import net.sniproxy.bpf.compiler.lang.BpfLruHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfRingBuffer;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.spec.MapFlag;

/**
 * The maps of the source filter beside {@link KernelMaps#IP_WHITELIST}, {@link KernelMaps#CONFIG} and
 * {@link KernelMaps#TRAFFIC_STATS}.
 *
 * <p>The value of a rule says until when its sources are denied, in nanoseconds of {@link
 * net.sniproxy.bpf.compiler.lang.Kernel#nanoTime()}: {@link #ALLOWED} is never, {@link #FOR_GOOD} is without an end.
 * Where an allowing and a denying rule overlap, the control plane leaves out what must not win: the program takes the
 * rule with the longest prefix.
 */
public final class FilterMaps {
    /** The value of a rule that allows. */
    public static final long ALLOWED = 0;
    /** The value of a rule that denies without an end. */
    public static final long FOR_GOOD = -1;

    /** Bytes of the ring of samples. */
    public static final int SAMPLE_BYTES = 1 << 16;

    private static final int RULES = 10_000;
    private static final int SOURCES = 65_536;
    private static final int PORTS = 65_536;
    private static final int ENDS = 1024;
    private static final int SAMPLES = 1 << 10;

    /** Single IPv4 sources (network order) that are denied: a hash is several times faster than a trie of a million. */
    @BpfMap(name = "DENY_HOSTS", maxEntries = RULES, flags = MapFlag.NO_PREALLOC)
    public static final BpfHash<Integer, U64> DENY_HOSTS = BpfHash.of(RULES);

    /** Blocks of IPv4 sources. */
    @BpfMap(name = "RULES_IPV4", maxEntries = RULES)
    public static final BpfLpmTrie<Ipv4Prefix, U64> RULES_IPV4 = BpfLpmTrie.of(RULES);

    /** Blocks of IPv6 sources, single ones included. */
    @BpfMap(name = "RULES_IPV6", maxEntries = RULES)
    public static final BpfLpmTrie<Ipv6Prefix, U64> RULES_IPV6 = BpfLpmTrie.of(RULES);

    /** Sources ({@link SourceKey}) that are denied for a time because of what they did: until when. */
    @BpfMap(name = "DENIED_SOURCES", maxEntries = SOURCES)
    public static final BpfLruHash<Long, U64> DENIED_SOURCES = BpfLruHash.of(SOURCES);

    /** The next free moment of each source ({@link SourceKey}) that opens connections; see {@link SynBudget}. */
    @BpfMap(name = "SYN_BUDGETS", maxEntries = SOURCES)
    public static final BpfLruHash<Long, U64> SYN_BUDGETS = BpfLruHash.of(SOURCES);

    /** What listens at each port: bits of {@link ListenPort}. */
    @BpfMap(name = "LISTEN_PORTS", maxEntries = PORTS)
    public static final BpfArray<U8> LISTEN_PORTS = BpfArray.of(PORTS, U8::new);

    /** Listen addresses that are not the wildcard: 1. */
    @BpfMap(name = "LISTEN_ENDS", maxEntries = ENDS)
    public static final BpfHash<Endpoint, U8> LISTEN_ENDS = BpfHash.of(ENDS);

    /** Some of the drops, for the log. */
    @BpfMap(name = "FILTER_SAMPLES", maxEntries = SAMPLE_BYTES)
    public static final BpfRingBuffer<FilterSample> FILTER_SAMPLES = BpfRingBuffer.of(SAMPLES);

    private FilterMaps() {}
}
