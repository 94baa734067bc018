package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;
import org.jspecify.annotations.Nullable;

/**
 * Drops frames whose source is not allowed, before the kernel spends anything on them.
 *
 * <p>With {@link Setting#ALLOW_LIST} off everything passes. With it on, IPv4 and IPv6 pass when their source is allowed;
 * what is neither (ARP and the like) passes; what is cut off before its source address ends is dropped.
 */
public final class XdpIpFilter {
    private static final int ALLOWED = 1;

    private XdpIpFilter() {}

    /** The program. */
    @BpfProgram(type = ProgramType.XDP, name = "xdp_ip_filter")
    static int filter(XdpContext context) {
        if (!Setting.isOn(Setting.ALLOW_LIST)) {
            return XdpAction.PASS;
        }
        int counter = judge(context.data(), context.dataEnd());
        TrafficCounter.add(counter, 1);
        return counter == TrafficCounter.FILTER_PASSED ? XdpAction.PASS : XdpAction.DROP;
    }

    private static int judge(Packet frame, PacketEnd end) {
        EthernetHeader ethernet = new EthernetHeader();
        if (!ethernet.parse(frame, end)) {
            return TrafficCounter.FILTER_MALFORMED;
        }
        Packet network = frame.plus(ethernet.length);
        return switch (ethernet.type) {
            case EthernetHeader.IPV4 -> judgeIpv4(network, end);
            case EthernetHeader.IPV6 -> judgeIpv6(network, end);
            default -> TrafficCounter.FILTER_PASSED;
        };
    }

    private static int judgeIpv4(Packet header, PacketEnd end) {
        if (!end.covers(header, Ipv4Header.MIN_LENGTH) || !Ipv4Header.isValid(header)) {
            return TrafficCounter.FILTER_MALFORMED;
        }
        int source = Ipv4Header.source(header);
        boolean allowed = isAllowed(KernelMaps.IP_WHITELIST.lookup(source))
                || isAllowed(KernelMaps.ALLOW_IPV4.lookup(new Ipv4Prefix(Ipv4Header.ADDRESS_BITS, source)));
        return allowed ? TrafficCounter.FILTER_PASSED : TrafficCounter.FILTER_NOT_ALLOWED;
    }

    private static int judgeIpv6(Packet header, PacketEnd end) {
        if (!end.covers(header, Ipv6Header.LENGTH) || !Ipv6Header.isValid(header)) {
            return TrafficCounter.FILTER_MALFORMED;
        }
        boolean allowed = isAllowed(KernelMaps.ALLOW_IPV6.lookup(Ipv6Header.source(header)));
        return allowed ? TrafficCounter.FILTER_PASSED : TrafficCounter.FILTER_NOT_ALLOWED;
    }

    private static boolean isAllowed(@Nullable U8 entry) {
        return entry != null && entry.value == ALLOWED;
    }
}
