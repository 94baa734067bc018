package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import org.jspecify.annotations.Nullable;

/**
 * A router says that a spliced packet is too large for the next link. Nobody but the sender on the other leg can do anything
 * about it, so the message ({@link FragmentationNeeded}, {@link PacketTooBig}) is rewritten into one about the packet that the
 * sender sent, and sent on as if the proxy were the router. The size it names holds for both legs: rewriting never
 * changes a length.
 *
 * <p>Only what quotes a packet of a spliced connection is touched. The sender itself checks, by the quoted sequence
 * number, that the message is not forged (RFC 5927).
 */
final class PathMtu {
    /** Bytes in front of what an ICMP message quotes. */
    static final int ICMP_LENGTH = 8;
    /** Where the checksum is in them. */
    static final int ICMP_CHECKSUM = 2;
    /** Ports and sequence number: what every router quotes of a TCP header. */
    static final int QUOTED_TCP = 8;

    private static final int ETHERTYPE = 12;
    private static final int IPV4_PROTOCOL = EthernetHeader.LENGTH + 9;
    private static final int IPV6_NEXT_HEADER = EthernetHeader.LENGTH + 6;
    private static final int SEQUENCE = 4;

    private PathMtu() {}

    /**
     * Sends the message on if it is about a spliced packet; everything else is the stack's. Reads the headers anew: where
     * they end is known here, so that the verifier need not follow every way to the transport header.
     */
    static int handle(TcContext packet) {
        Packet frame = packet.data();
        if (!packet.dataEnd().covers(frame, EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH)) {
            return TcAction.UNSPEC;
        }
        int type = frame.u16be(ETHERTYPE);
        if (type == EthernetHeader.IPV4 && frame.u8(IPV4_PROTOCOL) == FragmentationNeeded.PROTOCOL) {
            return FragmentationNeeded.handle(packet);
        }
        if (type == EthernetHeader.IPV6 && frame.u8(IPV6_NEXT_HEADER) == PacketTooBig.PROTOCOL) {
            return PacketTooBig.handle(packet);
        }
        return TcAction.UNSPEC;
    }

    /** The direction against that of a quoted packet, if the connection is spliced already; {@code key} is its own. */
    static @Nullable Flow against(FlowKey key) {
        Flow flow = SpliceMaps.FLOWS.lookup(key);
        if (flow == null) {
            return null;
        }
        Splice splice = SpliceMaps.SPLICES.lookup(flow.splice);
        return splice != null && splice.state == Splice.SPLICED ? flow : null;
    }

    /** The ports of a quoted TCP header, as those of the other direction. */
    static int swapped(int ports) {
        return ports << Short.SIZE | ports >>> Short.SIZE;
    }

    /** Rewrites the quoted TCP header at {@code at} into what the sender sent. */
    static void rewriteTcp(Packet message, int at, Flow back, ChecksumDelta delta) {
        replace(message, at, swapped(back.ports), delta);
        int sequence = message.u32be(at + SEQUENCE) + back.acknowledgementDelta;
        replace(message, at + SEQUENCE, ByteOrders.network32(sequence), delta);
    }

    /** Four bytes at {@code at}. */
    static void replace(Packet message, int at, int to, ChecksumDelta delta) {
        delta.replace(message.u32(at), to);
        message.setU32(at, to);
    }

    /** The checksum at {@code at} follows. */
    static void mend(Packet message, int at, ChecksumDelta delta) {
        message.setU16(at, delta.of(message.u16(at)));
    }
}
