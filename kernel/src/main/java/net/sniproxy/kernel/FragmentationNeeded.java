package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;

/** ICMP "destination unreachable: fragmentation needed" (RFC 792, RFC 1191) about a spliced packet. See {@link PathMtu}. */
final class FragmentationNeeded {
    /** ICMP as the protocol in an IPv4 header. */
    static final int PROTOCOL = 1;

    private static final int TYPE_AND_CODE = 0x0304;
    private static final int NO_OPTIONS = 0x45;

    // Offsets count from the message's own IP header.
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;
    private static final int ICMP = Ipv4Header.MIN_LENGTH;
    private static final int QUOTE = ICMP + PathMtu.ICMP_LENGTH;
    private static final int QUOTED_PROTOCOL = QUOTE + 9;
    private static final int QUOTED_CHECKSUM = QUOTE + CHECKSUM;
    private static final int QUOTED_SOURCE = QUOTE + SOURCE;
    private static final int QUOTED_DESTINATION = QUOTE + DESTINATION;
    private static final int TCP = QUOTE + Ipv4Header.MIN_LENGTH;
    private static final int LENGTH = TCP + PathMtu.QUOTED_TCP;

    private FragmentationNeeded() {}

    @BpfFunction
    static int handle(TcContext packet) {
        if (packet.pullData(EthernetHeader.LENGTH + LENGTH) != 0 || !TcSplice.dropTag(packet)) {
            return TcAction.UNSPEC;
        }
        Packet message = packet.data().plus(EthernetHeader.LENGTH);
        if (!packet.dataEnd().covers(message, LENGTH)
                || message.u8(0) != NO_OPTIONS
                || message.u16be(ICMP) != TYPE_AND_CODE
                || message.u8(QUOTE) != NO_OPTIONS
                || message.u8(QUOTED_PROTOCOL) != TransportHeader.TCP
                || message.u32(QUOTED_SOURCE) != message.u32(DESTINATION)) {
            return TcAction.UNSPEC;
        }
        int source = message.u32(QUOTED_DESTINATION);
        int destination = message.u32(QUOTED_SOURCE);
        int ports = PathMtu.swapped(message.u32(TCP));
        Flow back = PathMtu.against(FlowKey.ipv4(source, destination, ports));
        if (back == null) {
            return TcAction.UNSPEC;
        }
        rewrite(message, back);
        return Kernel.redirectNeighbour(back.ifindex, null, 0, 0);
    }

    /** The quoted header's own checksum makes up for its addresses: only what is behind it changes the message's. */
    private static void rewrite(Packet message, Flow back) {
        ChecksumDelta own = new ChecksumDelta();
        PathMtu.replace(message, SOURCE, back.source3, own);
        PathMtu.replace(message, DESTINATION, back.destination3, own);
        ChecksumDelta quoted = new ChecksumDelta();
        PathMtu.replace(message, QUOTED_SOURCE, back.destination3, quoted);
        PathMtu.replace(message, QUOTED_DESTINATION, back.source3, quoted);
        ChecksumDelta tcp = new ChecksumDelta();
        PathMtu.rewriteTcp(message, TCP, back, tcp);
        PathMtu.mend(message, CHECKSUM, own);
        PathMtu.mend(message, QUOTED_CHECKSUM, quoted);
        PathMtu.mend(message, ICMP + PathMtu.ICMP_CHECKSUM, tcp);
    }
}
