package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfLruHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfPerCpuArray;
import net.sniproxy.bpf.compiler.lang.BpfSkStorage;
import net.sniproxy.bpf.compiler.lang.BpfSockHash;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.spec.MapFlag;

/** Every map that kernel programs and control plane share; the sizes are defaults that the loader may override. */
public final class KernelMaps {
    private static final int SOCKETS = 65_536;
    private static final int NAMES = 10_000;
    private static final int ADDRESSES = 10_000;

    /** Sockets of local peers by cookie: what {@code redirect_msg} is attached to and redirects into. */
    @BpfMap(name = "SOCK_MAP", maxEntries = SOCKETS)
    public static final BpfSockHash<Long> SOCK_MAP = BpfSockHash.of(SOCKETS);

    /** The peer's cookie by the own cookie, one entry for each direction. */
    @BpfMap(name = "CONNECTION_MAP", maxEntries = SOCKETS)
    public static final BpfHash<Long, U64> CONNECTION_MAP = BpfHash.of(SOCKETS);

    /** Addresses by the keyed hash of their name. */
    @BpfMap(name = "DNS_CACHE", maxEntries = NAMES)
    public static final BpfLruHash<Long, DnsRecord> DNS_CACHE = BpfLruHash.of(NAMES);

    /** Totals of all traffic for each CPU, by {@link TrafficCounter}. */
    @BpfMap(name = "TRAFFIC_STATS", maxEntries = TrafficCounter.ENTRIES)
    public static final BpfPerCpuArray<U64> TRAFFIC_STATS = BpfPerCpuArray.of(TrafficCounter.ENTRIES, U64::new);

    /** What each connection has moved, by socket cookie. */
    @BpfMap(name = "CONNECTION_STATS", maxEntries = SOCKETS, flags = MapFlag.NO_PREALLOC)
    public static final BpfHash<Long, ConnectionStats> CONNECTION_STATS = BpfHash.of(SOCKETS);

    /** Single IPv4 sources (network order) that are allowed: 1. */
    @BpfMap(name = "IP_WHITELIST", maxEntries = ADDRESSES, flags = MapFlag.NO_PREALLOC)
    public static final BpfHash<Integer, U8> IP_WHITELIST = BpfHash.of(ADDRESSES);

    /** Switches, by {@link Setting}. */
    @BpfMap(name = "CONFIG", maxEntries = Setting.ENTRIES)
    public static final BpfArray<U32> CONFIG = BpfArray.of(Setting.ENTRIES, U32::new);

    /** What takes part in redirection, by socket: programs that may not ask for a cookie find it here. */
    @BpfMap(name = "ENROLLED")
    public static final BpfSkStorage<EnrolledSocket> ENROLLED = BpfSkStorage.create();

    /** Enrolled sockets by their ends, until the control plane pairs them; what it never asks for is pushed out. */
    @BpfMap(name = "SOCKET_PAIRS", maxEntries = SOCKETS)
    public static final BpfLruHash<SocketPair, Handshake> SOCKET_PAIRS = BpfLruHash.of(SOCKETS);

    /** The proxy's upstream connections of this moment, by their ends as the upstream's socket sees them. */
    @BpfMap(name = "UPSTREAM_HANDSHAKES", maxEntries = SOCKETS)
    public static final BpfLruHash<SocketPair, Handshake> UPSTREAM_HANDSHAKES = BpfLruHash.of(SOCKETS);

    /** The addresses that the proxy listens on: 1. */
    @BpfMap(name = "PROXY_ENDS", maxEntries = SOCKETS)
    public static final BpfHash<Endpoint, U8> PROXY_ENDS = BpfHash.of(SOCKETS);

    /** The directions of redirected connections, by the receiver's cookie. */
    @BpfMap(name = "REDIRECT_FLOWS", maxEntries = SOCKETS)
    public static final BpfHash<Long, RedirectFlow> REDIRECT_FLOWS = BpfHash.of(SOCKETS);

    /** What all redirected connections together hold, by {@link RedirectBudget}. */
    @BpfMap(name = "REDIRECT_BUDGET", maxEntries = RedirectBudget.ENTRIES)
    public static final BpfArray<U64> REDIRECT_BUDGET = BpfArray.of(RedirectBudget.ENTRIES, U64::new);

    private KernelMaps() {}
}
