package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.TcContext;

/** Rewrites the IP header of a spliced segment: addresses, hop limit, ECN, and the checksums over them. */
final class PacketRewrite {
    private static final int TCP_CHECKSUM = 16;

    private static final int IPV4_CHECKSUM = 10;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV4_TTL_WORD = 8;
    private static final int TTL_ONE = 0x0100_0000;
    private static final int IPV4_ECN = 0x0003_0000;

    private static final int IPV6_HOP_LIMIT_WORD = 4;
    private static final int HOP_LIMIT = 0xff;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_ADDRESSES = 16 + 16;
    private static final int IPV6_ECN = 0x0030_0000;

    private static final int WORD = 4;
    /** {@code BPF_F_RECOMPUTE_CSUM}: the sum that hardware made over the packet follows the change. */
    private static final long KEEP_HARDWARE_SUM = 1;

    private PacketRewrite() {}

    /** Rewrites the packet in place; false when it must not be sent on. */
    static boolean apply(TcContext packet, TcpSegment segment, Flow flow) {
        return segment.family == EthernetHeader.IPV4 ? ipv4(packet, segment, flow) : ipv6(packet, segment, flow);
    }

    private static boolean ipv4(TcContext packet, TcpSegment segment, Flow flow) {
        Buffer header = Buffer.ofSize(24);
        if (packet.loadBytes(segment.networkOffset, header, Ipv4Header.MIN_LENGTH) != 0
                || header.u32be(IPV4_TTL_WORD) >>> 24 <= 1) {
            return false;
        }
        ChecksumDelta addresses = new ChecksumDelta();
        replace(header, IPV4_SOURCE, flow.source3, addresses);
        replace(header, IPV4_DESTINATION, flow.destination3, addresses);
        ChecksumDelta all = new ChecksumDelta();
        all.sum = addresses.sum;
        replaceBe(header, IPV4_TTL_WORD, header.u32be(IPV4_TTL_WORD) - TTL_ONE, all);
        if ((flow.flags & Flow.ECN) == 0) {
            replaceBe(header, 0, header.u32be(0) & ~IPV4_ECN, all);
        }
        return packet.storeBytes(segment.networkOffset, header, Ipv4Header.MIN_LENGTH, 0) == 0
                && packet.replaceL3Checksum(segment.networkOffset + IPV4_CHECKSUM, 0, all.folded(), 0) == 0
                && pseudoHeader(packet, segment, addresses);
    }

    /**
     * IPv6 has no header checksum, so a sum that hardware made over the whole packet must follow what is stored here;
     * for the addresses the change of the TCP checksum then takes it back.
     */
    private static boolean ipv6(TcContext packet, TcpSegment segment, Flow flow) {
        Buffer start = Buffer.ofSize(8);
        Buffer addresses = Buffer.ofSize(IPV6_ADDRESSES);
        if (packet.loadBytes(segment.networkOffset, start, 8) != 0
                || packet.loadBytes(segment.networkOffset + IPV6_SOURCE, addresses, IPV6_ADDRESSES) != 0
                || (start.u32be(IPV6_HOP_LIMIT_WORD) & HOP_LIMIT) <= 1) {
            return false;
        }
        start.setU32be(IPV6_HOP_LIMIT_WORD, start.u32be(IPV6_HOP_LIMIT_WORD) - 1);
        if ((flow.flags & Flow.ECN) == 0) {
            start.setU32be(0, start.u32be(0) & ~IPV6_ECN);
        }
        ChecksumDelta delta = new ChecksumDelta();
        replace(addresses, 0, flow.source0, delta);
        replace(addresses, WORD, flow.source1, delta);
        replace(addresses, 2 * WORD, flow.source2, delta);
        replace(addresses, 3 * WORD, flow.source3, delta);
        replace(addresses, 4 * WORD, flow.destination0, delta);
        replace(addresses, 5 * WORD, flow.destination1, delta);
        replace(addresses, 6 * WORD, flow.destination2, delta);
        replace(addresses, 7 * WORD, flow.destination3, delta);
        return packet.storeBytes(segment.networkOffset, start, 8, KEEP_HARDWARE_SUM) == 0
                && packet.storeBytes(segment.networkOffset + IPV6_SOURCE, addresses, IPV6_ADDRESSES, KEEP_HARDWARE_SUM)
                        == 0
                && pseudoHeader(packet, segment, delta);
    }

    /** The addresses are part of what the TCP checksum covers. */
    private static boolean pseudoHeader(TcContext packet, TcpSegment segment, ChecksumDelta addresses) {
        return packet.replaceL4Checksum(segment.offset + TCP_CHECKSUM, 0, addresses.folded(), TcContext.PSEUDO_HEADER)
                == 0;
    }

    private static void replace(Buffer header, int at, int to, ChecksumDelta delta) {
        delta.replace(header.u32(at), to);
        header.setU32(at, to);
    }

    private static void replaceBe(Buffer header, int at, int to, ChecksumDelta delta) {
        int from = header.u32(at);
        header.setU32be(at, to);
        delta.replace(from, header.u32(at));
    }
}
