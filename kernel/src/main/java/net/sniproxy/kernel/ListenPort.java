package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.U8;

/** Whether the proxy listens where a segment goes: bits of {@link FilterMaps#LISTEN_PORTS}. */
public final class ListenPort {
    /** On all IPv4 addresses. */
    public static final int ANY_IPV4 = 1;
    /** On all IPv6 addresses. */
    public static final int ANY_IPV6 = 2;
    /** On the addresses in {@link FilterMaps#LISTEN_ENDS}. */
    public static final int SINGLE = 4;

    private ListenPort() {}

    static boolean isIpv4(int destination, int port) {
        U8 bits = FilterMaps.LISTEN_PORTS.lookup(port);
        if (bits == null || bits.value == 0) {
            return false;
        }
        return (bits.value & ANY_IPV4) != 0 || (bits.value & SINGLE) != 0 && isEnd(Endpoint.ipv4(destination, port));
    }

    static boolean isIpv6(int word0, int word1, int word2, int word3, int port) {
        U8 bits = FilterMaps.LISTEN_PORTS.lookup(port);
        if (bits == null || bits.value == 0) {
            return false;
        }
        return (bits.value & ANY_IPV6) != 0
                || (bits.value & SINGLE) != 0 && isEnd(new Endpoint(word0, word1, word2, word3, port));
    }

    private static boolean isEnd(Endpoint end) {
        return FilterMaps.LISTEN_ENDS.lookup(end) != null;
    }
}
