package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcContext;

/**
 * Rewrites the IP header of a spliced segment: addresses, hop limit, ECN, and IPv4's own checksum. The addresses are part of
 * what the TCP checksum covers: what becomes of that is the result, as {@link ChecksumDelta#folded}.
 */
final class AddressRewrite {
    /** The packet must not be sent on. */
    static final long IMPOSSIBLE = -1;

    private static final int IPV4_CHECKSUM = 10;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV4_TTL_WORD = 8;
    private static final int TTL_ONE = 0x0100_0000;
    private static final int IPV4_ECN = 0x0003_0000;

    private static final int IPV6_HOP_LIMIT_WORD = 4;
    private static final int HOP_LIMIT = 0xff;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;
    private static final int IPV6_ECN = 0x0030_0000;

    private static final int WORD = 4;
    /** {@code BPF_F_RECOMPUTE_CSUM}: the sum that hardware made over the packet follows the change. */
    private static final long KEEP_HARDWARE_SUM = 1;

    private AddressRewrite() {}

    /** The header's sum stays what it was, so a sum that hardware made over the packet stays right. */
    static long ipv4(TcContext packet, Flow flow) {
        Packet header = packet.data().plus(EthernetHeader.LENGTH);
        if (!packet.dataEnd().covers(header, Ipv4Header.MIN_LENGTH) || header.u32be(IPV4_TTL_WORD) >>> 24 <= 1) {
            return IMPOSSIBLE;
        }
        ChecksumDelta addresses = new ChecksumDelta();
        replace(header, IPV4_SOURCE, flow.source3, addresses);
        replace(header, IPV4_DESTINATION, flow.destination3, addresses);
        ChecksumDelta all = new ChecksumDelta();
        all.sum = addresses.sum;
        replace(header, IPV4_TTL_WORD, ByteOrders.network32(header.u32be(IPV4_TTL_WORD) - TTL_ONE), all);
        if ((flow.flags & Flow.ECN) == 0) {
            replace(header, 0, ByteOrders.network32(header.u32be(0) & ~IPV4_ECN), all);
        }
        header.setU16(IPV4_CHECKSUM, all.of(header.u16(IPV4_CHECKSUM)));
        return addresses.folded();
    }

    /**
     * IPv6 has no header checksum, so a sum that hardware made over the whole packet must follow what is stored here;
     * for the addresses the change of the TCP checksum then takes it back.
     */
    @BpfFunction
    static long ipv6(TcContext packet, Flow flow) {
        Buffer header = Buffer.ofSize(Ipv6Header.LENGTH);
        if (packet.loadBytes(EthernetHeader.LENGTH, header, Ipv6Header.LENGTH) != 0
                || (header.u32be(IPV6_HOP_LIMIT_WORD) & HOP_LIMIT) <= 1) {
            return IMPOSSIBLE;
        }
        header.setU32be(IPV6_HOP_LIMIT_WORD, header.u32be(IPV6_HOP_LIMIT_WORD) - 1);
        if ((flow.flags & Flow.ECN) == 0) {
            header.setU32be(0, header.u32be(0) & ~IPV6_ECN);
        }
        ChecksumDelta addresses = new ChecksumDelta();
        replace(header, IPV6_SOURCE, flow.source0, addresses);
        replace(header, IPV6_SOURCE + WORD, flow.source1, addresses);
        replace(header, IPV6_SOURCE + 2 * WORD, flow.source2, addresses);
        replace(header, IPV6_SOURCE + 3 * WORD, flow.source3, addresses);
        replace(header, IPV6_DESTINATION, flow.destination0, addresses);
        replace(header, IPV6_DESTINATION + WORD, flow.destination1, addresses);
        replace(header, IPV6_DESTINATION + 2 * WORD, flow.destination2, addresses);
        replace(header, IPV6_DESTINATION + 3 * WORD, flow.destination3, addresses);
        boolean stored = packet.storeBytes(EthernetHeader.LENGTH, header, Ipv6Header.LENGTH, KEEP_HARDWARE_SUM) == 0;
        return stored ? addresses.folded() : IMPOSSIBLE;
    }

    private static void replace(Packet header, int at, int to, ChecksumDelta delta) {
        delta.replace(header.u32(at), to);
        header.setU32(at, to);
    }

    private static void replace(Buffer header, int at, int to, ChecksumDelta delta) {
        delta.replace(header.u32(at), to);
        header.setU32(at, to);
    }
}
