package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Drops frames of unwanted sources before the kernel spends anything on them.
 *
 * <p>Judged are TCP segments to the listen addresses and ports, or with {@link Setting#WHOLE_INTERFACE} every IP packet but
 * neighbour discovery. What is neither IPv4 nor IPv6 (ARP and the like) passes. The first that applies decides:
 *
 * <ol>
 *   <li>headers that are cut off or contradict themselves: dropped
 *   <li>a rule denies the source: dropped
 *   <li>{@link Setting#ALLOW_LIST} is on and no rule allows the source: dropped
 *   <li>the source is denied for a time, and no rule allows it: dropped
 *   <li>it asks for a new connection and the source has had too many: dropped
 * </ol>
 *
 * <p>Runs at XDP, native or generic, on each frame that an interface receives, before there is a socket buffer. Verdicts:
 * {@code XDP_PASS}, {@code XDP_DROP}. Maps: {@link FilterMaps}, and {@link KernelMaps#IP_WHITELIST}, {@link KernelMaps#CONFIG},
 * {@link KernelMaps#TRAFFIC_STATS}; it writes budgets, counts and samples only. Linux 5.9 (links of XDP).
 */
public final class XdpIpFilter {
    /** The first drops of each kind are all told, then one in this many: a power of two. */
    private static final int SAMPLED = 1024;

    private static final int ALL_TOLD = 64;
    private static final int NOT_JUDGED = -1;

    private XdpIpFilter() {}

    /** The program. */
    @BpfProgram(type = ProgramType.XDP, name = "xdp_ip_filter")
    static int filter(XdpContext context) {
        if (!Setting.isOn(Setting.FILTER)) {
            return XdpAction.PASS;
        }
        FilterPacket packet = new FilterPacket();
        int counter = judge(context.data(), context.dataEnd(), packet);
        if (counter == NOT_JUDGED) {
            return XdpAction.PASS;
        }
        if (counter == TrafficCounter.FILTER_PASSED) {
            TrafficCounter.add(counter, 1);
            return XdpAction.PASS;
        }
        countDrop(counter, packet);
        return XdpAction.DROP;
    }

    private static int judge(Packet frame, PacketEnd end, FilterPacket packet) {
        EthernetHeader ethernet = new EthernetHeader();
        if (!ethernet.parse(frame, end)) {
            return TrafficCounter.FILTER_MALFORMED;
        }
        Packet network = frame.plus(ethernet.length);
        return switch (ethernet.type) {
            case EthernetHeader.IPV4 -> judgeIpv4(network, end, packet);
            case EthernetHeader.IPV6 -> judgeIpv6(network, end, packet);
            default -> NOT_JUDGED;
        };
    }

    private static int judgeIpv4(Packet network, PacketEnd end, FilterPacket packet) {
        packet.readIpv4(network, end);
        if (packet.kind == FilterPacket.MALFORMED || !end.covers(network, Ipv4Header.MIN_LENGTH)) {
            return TrafficCounter.FILTER_MALFORMED;
        }
        if (!Setting.isOn(Setting.WHOLE_INTERFACE)) {
            // What is PORTLESS may be meant for the proxy: it is judged by its source.
            if (packet.kind == FilterPacket.OTHER) {
                return NOT_JUDGED;
            }
            if (packet.kind == FilterPacket.SEGMENT
                    && !ListenPort.isIpv4(Ipv4Header.destination(network), packet.port)) {
                return NOT_JUDGED;
            }
        }
        int source = Ipv4Header.source(network);
        int rule = SourceRules.ofIpv4(source, Setting.value(Setting.RULES));
        return verdict(rule, SourceKey.ipv4(source), packet);
    }

    private static int judgeIpv6(Packet network, PacketEnd end, FilterPacket packet) {
        packet.readIpv6(network, end);
        if (packet.kind == FilterPacket.MALFORMED || !end.covers(network, Ipv6Header.LENGTH)) {
            return TrafficCounter.FILTER_MALFORMED;
        }
        if (packet.kind == FilterPacket.NEIGHBOUR) {
            return NOT_JUDGED;
        }
        if (!Setting.isOn(Setting.WHOLE_INTERFACE)) {
            if (packet.kind == FilterPacket.OTHER) {
                return NOT_JUDGED;
            }
            if (packet.kind == FilterPacket.SEGMENT && !isListenPort(network, packet.port)) {
                return NOT_JUDGED;
            }
        }
        int rule = SourceRules.ofIpv6(network, Setting.value(Setting.RULES));
        return verdict(rule, SourceKey.ipv6(packet.word0, packet.word1), packet);
    }

    private static boolean isListenPort(Packet network, int port) {
        return ListenPort.isIpv6(
                Ipv6Header.addressWord(network, 4),
                Ipv6Header.addressWord(network, 5),
                Ipv6Header.addressWord(network, 6),
                Ipv6Header.addressWord(network, 7),
                port);
    }

    private static int verdict(int rule, long source, FilterPacket packet) {
        if (rule == SourceRules.DENIED) {
            return TrafficCounter.FILTER_DENIED;
        }
        if (rule != SourceRules.ALLOWED) {
            if (Setting.isOn(Setting.ALLOW_LIST)) {
                return TrafficCounter.FILTER_NOT_ALLOWED;
            }
            if (Setting.isOn(Setting.DENIED_SOURCES) && SourceRules.isDeniedForATime(source)) {
                return TrafficCounter.FILTER_DENIED_FOR_A_TIME;
            }
        }
        int interval = Setting.value(Setting.SYN_INTERVAL);
        if (interval != 0 && packet.opens != 0 && !SynBudget.take(source, Integer.toUnsignedLong(interval))) {
            return TrafficCounter.FILTER_SYN_RATE;
        }
        return TrafficCounter.FILTER_PASSED;
    }

    private static void countDrop(int counter, FilterPacket packet) {
        TraceLine.dropped(counter, packet.port);
        U64 total = KernelMaps.TRAFFIC_STATS.lookup(counter);
        if (total == null) {
            return;
        }
        total.value++;
        boolean told = Long.compareUnsigned(total.value, ALL_TOLD) <= 0 || (total.value & SAMPLED - 1) == 0;
        if (told
                && FilterMaps.FILTER_SAMPLES.output(
                                new FilterSample(
                                        packet.word0, packet.word1, packet.word2, packet.word3, counter, packet.port),
                                0)
                        != 0) {
            TrafficCounter.add(TrafficCounter.FILTER_SAMPLES_LOST, 1);
        }
    }
}
