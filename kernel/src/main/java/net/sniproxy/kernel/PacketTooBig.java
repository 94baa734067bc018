package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;

/** ICMPv6 "packet too big" (RFC 4443, RFC 8201) about a spliced packet. See {@link PathMtu}. */
final class PacketTooBig {
    /** ICMPv6 as the next header in an IPv6 header. */
    static final int PROTOCOL = 58;

    private static final int TYPE_AND_CODE = 0x0200;
    private static final int WORD = 4;
    private static final int WORDS = 4;

    // Offsets count from the message's own IP header.
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;
    private static final int ICMP = Ipv6Header.LENGTH;
    private static final int QUOTE = ICMP + PathMtu.ICMP_LENGTH;
    private static final int QUOTED_NEXT_HEADER = QUOTE + 6;
    private static final int QUOTED_SOURCE = QUOTE + SOURCE;
    private static final int QUOTED_DESTINATION = QUOTE + DESTINATION;
    private static final int TCP = QUOTE + Ipv6Header.LENGTH;
    private static final int LENGTH = TCP + PathMtu.QUOTED_TCP;

    private PacketTooBig() {}

    @BpfFunction
    static int handle(TcContext packet) {
        if (packet.pullData(EthernetHeader.LENGTH + LENGTH) != 0 || !TcSplice.dropTag(packet)) {
            return TcAction.UNSPEC;
        }
        Packet message = packet.data().plus(EthernetHeader.LENGTH);
        if (!packet.dataEnd().covers(message, LENGTH)
                || message.u16be(ICMP) != TYPE_AND_CODE
                || message.u8(QUOTED_NEXT_HEADER) != TransportHeader.TCP
                || !sameAddress(message, QUOTED_SOURCE, DESTINATION)) {
            return TcAction.UNSPEC;
        }
        Flow back = PathMtu.against(new FlowKey(
                message.u32(QUOTED_DESTINATION),
                message.u32(QUOTED_DESTINATION + WORD),
                message.u32(QUOTED_DESTINATION + 2 * WORD),
                message.u32(QUOTED_DESTINATION + 3 * WORD),
                message.u32(QUOTED_SOURCE),
                message.u32(QUOTED_SOURCE + WORD),
                message.u32(QUOTED_SOURCE + 2 * WORD),
                message.u32(QUOTED_SOURCE + 3 * WORD),
                PathMtu.swapped(message.u32(TCP))));
        if (back == null) {
            return TcAction.UNSPEC;
        }
        rewrite(message, back);
        return Kernel.redirectNeighbour(back.ifindex, null, 0, 0);
    }

    private static boolean sameAddress(Packet message, int one, int other) {
        int differences = 0;
        for (int i = 0; i < WORDS; i++) {
            differences |= message.u32(one + i * WORD) ^ message.u32(other + i * WORD);
        }
        return differences == 0;
    }

    /** The checksum covers the message's own addresses (the pseudo header) and everything that it quotes. */
    private static void rewrite(Packet message, Flow back) {
        ChecksumDelta delta = new ChecksumDelta();
        sourceOf(back, message, SOURCE, delta);
        destinationOf(back, message, DESTINATION, delta);
        destinationOf(back, message, QUOTED_SOURCE, delta);
        sourceOf(back, message, QUOTED_DESTINATION, delta);
        PathMtu.rewriteTcp(message, TCP, back, delta);
        PathMtu.mend(message, ICMP + PathMtu.ICMP_CHECKSUM, delta);
    }

    private static void sourceOf(Flow back, Packet message, int at, ChecksumDelta delta) {
        PathMtu.replace(message, at, back.source0, delta);
        PathMtu.replace(message, at + WORD, back.source1, delta);
        PathMtu.replace(message, at + 2 * WORD, back.source2, delta);
        PathMtu.replace(message, at + 3 * WORD, back.source3, delta);
    }

    private static void destinationOf(Flow back, Packet message, int at, ChecksumDelta delta) {
        PathMtu.replace(message, at, back.destination0, delta);
        PathMtu.replace(message, at + WORD, back.destination1, delta);
        PathMtu.replace(message, at + 2 * WORD, back.destination2, delta);
        PathMtu.replace(message, at + 3 * WORD, back.destination3, delta);
    }
}
