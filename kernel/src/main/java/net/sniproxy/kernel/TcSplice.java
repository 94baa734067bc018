package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.spec.ProgramType;
import org.jspecify.annotations.Nullable;

/**
 * Joins two TCP connections by rewriting their packets (TCP splicing), on the ingress of the interfaces concerned.
 *
 * <p>A packet of no known flow passes untouched. One of a flow either belongs to the local stack ({@link SpliceOwner}) or
 * is rewritten ({@link SegmentRewrite}) and leaves by the other leg's interface at once.
 *
 * <p>Runs as a direct-action classifier at the ingress, by TCX or clsact, on each packet behind XDP and GRO. Verdicts: {@code
 * TC_ACT_UNSPEC} (the local stack, after the next program), {@code TC_ACT_REDIRECT} (sent on), {@code TC_ACT_SHOT} (nobody's: its
 * sender will send it again, or it cannot be sent on). Maps: {@link SpliceMaps}, {@link KernelMaps#TRAFFIC_STATS}, {@link
 * KernelMaps#CONNECTION_STATS}. Linux 5.12 (functions that are verified apart and take pointers).
 */
public final class TcSplice {
    private TcSplice() {}

    /** The program. */
    @BpfProgram(type = ProgramType.SCHED_CLS, name = "tc_splice")
    static int splice(TcContext packet) {
        TcpSegment segment = new TcpSegment();
        int kind = segment.parse(packet);
        // A tag that is still in the frame would stay in front of what is sent on: such frames are the stack's.
        if (segment.networkOffset != EthernetHeader.LENGTH) {
            return TcAction.UNSPEC;
        }
        if (kind == TcpSegment.NOT_TCP) {
            return PathMtu.handle(packet);
        }
        if (kind != TcpSegment.OK) {
            return TcAction.UNSPEC;
        }
        Flow flow = lookup(packet, segment);
        if (flow == null) {
            return TcAction.UNSPEC;
        }
        Splice splice = SpliceMaps.SPLICES.lookup(flow.splice);
        if (splice == null) {
            return TcAction.UNSPEC;
        }
        return handle(packet, segment, flow, splice);
    }

    private static int handle(TcContext packet, TcpSegment segment, Flow flow, Splice splice) {
        int before = splice.state;
        int owner = SpliceOwner.of(splice, flow, segment);
        int verdict = TcAction.SHOT;
        if (owner == SpliceOwner.STACK) {
            verdict = TcAction.UNSPEC;
        } else if (owner == SpliceOwner.SPLICE) {
            verdict = forward(packet, segment, flow, splice);
        }
        if (splice.state != before) {
            TraceLine.splice(flow.splice, splice.state);
            SpliceMaps.SPLICE_EVENTS.output(new SpliceEvent(flow.splice, splice.state, flow.direction), 0);
        }
        return verdict;
    }

    private static int forward(TcContext packet, TcpSegment segment, Flow flow, Splice splice) {
        if (!dropTag(packet) || !SegmentRewrite.apply(packet, segment, flow, splice)) {
            return TcAction.SHOT;
        }
        // A SYN's numbers are those of another connection.
        if (!segment.has(TcpSegment.SYN)) {
            SpliceAccount.note(segment, flow, splice);
        }
        return send(segment, flow);
    }

    /** Whoever is on the network itself is its own next hop: that spares the kernel looking up the route. */
    private static int send(TcpSegment segment, Flow flow) {
        if ((flow.flags & Flow.ON_LINK) == 0) {
            return Kernel.redirectNeighbour(flow.ifindex, null, 0, 0);
        }
        Buffer nextHop = Buffer.ofSize(NextHop.BUFFER);
        if (segment.family == EthernetHeader.IPV4) {
            NextHop.ipv4(nextHop, flow);
        } else {
            NextHop.ipv6(nextHop, flow);
        }
        return Kernel.redirectNeighbour(flow.ifindex, nextHop, NextHop.LENGTH, 0);
    }

    /** Takes off the VLAN tag that the kernel keeps beside the frame: it is that of this interface. */
    static boolean dropTag(TcContext packet) {
        return packet.vlanPresent() == 0 || packet.popVlan() == 0;
    }

    private static @Nullable Flow lookup(TcContext packet, TcpSegment segment) {
        Packet network = packet.data().plus(EthernetHeader.LENGTH);
        PacketEnd end = packet.dataEnd();
        int ports = segment.portsInMemory();
        if (segment.family == EthernetHeader.IPV4) {
            if (!end.covers(network, Ipv4Header.MIN_LENGTH)) {
                return null;
            }
            return SpliceMaps.FLOWS.lookup(
                    FlowKey.ipv4(Ipv4Header.source(network), Ipv4Header.destination(network), ports));
        }
        if (!end.covers(network, Ipv6Header.LENGTH)) {
            return null;
        }
        return SpliceMaps.FLOWS.lookup(new FlowKey(
                Ipv6Header.addressWord(network, 0),
                Ipv6Header.addressWord(network, 1),
                Ipv6Header.addressWord(network, 2),
                Ipv6Header.addressWord(network, 3),
                Ipv6Header.addressWord(network, 4),
                Ipv6Header.addressWord(network, 5),
                Ipv6Header.addressWord(network, 6),
                Ipv6Header.addressWord(network, 7),
                ports));
    }
}
