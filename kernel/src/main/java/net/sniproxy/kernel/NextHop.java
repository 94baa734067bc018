package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;

/** The neighbour that a packet is sent to ({@code struct bpf_redir_neigh}): the address that {@link Flow} gives it. */
final class NextHop {
    /** Bytes. */
    static final int LENGTH = 20;
    /** Bytes of a buffer for it. */
    static final int BUFFER = 24;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final int FAMILY = 0;
    private static final int ADDRESS = 4;
    private static final int WORD = 4;

    private NextHop() {}

    static void ipv4(Buffer nextHop, Flow flow) {
        write(nextHop, AF_INET, flow.destination3, 0, 0, 0);
    }

    static void ipv6(Buffer nextHop, Flow flow) {
        write(nextHop, AF_INET6, flow.destination0, flow.destination1, flow.destination2, flow.destination3);
    }

    private static void write(Buffer nextHop, int family, int first, int second, int third, int fourth) {
        nextHop.setU32(FAMILY, family);
        nextHop.setU32(ADDRESS, first);
        nextHop.setU32(ADDRESS + WORD, second);
        nextHop.setU32(ADDRESS + 2 * WORD, third);
        nextHop.setU32(ADDRESS + 3 * WORD, fourth);
    }
}
