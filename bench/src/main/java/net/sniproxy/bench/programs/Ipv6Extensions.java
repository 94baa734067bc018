package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Walks VLAN tags and IPv6 extension headers to the transport header: pointers that move by what the packet says. */
public final class Ipv6Extensions {
    private static final int IPV6 = 0x86dd;
    private static final int TCP = 6;

    private Ipv6Extensions() {}

    @BpfProgram(type = ProgramType.XDP, name = "ipv6_extensions")
    static int walk(XdpContext context) {
        Packet frame = context.data();
        PacketEnd end = context.dataEnd();
        if (!end.covers(frame, 14)) {
            return XdpAction.PASS;
        }
        int type = frame.u16be(12);
        int offset = 14;
        for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
            Packet tag = frame.plus(offset);
            if (!end.covers(tag, 4)) {
                return XdpAction.PASS;
            }
            type = tag.u16be(2);
            offset += 4;
        }
        Packet network = frame.plus(offset);
        if (type != IPV6 || !end.covers(network, 40)) {
            return XdpAction.PASS;
        }
        int next = network.u8(6);
        Packet header = network.plus(40);
        for (int i = 0; i < 6; i++) {
            if (next != 0 && next != 43 && next != 60) {
                break;
            }
            if (!end.covers(header, 8)) {
                return XdpAction.DROP;
            }
            next = header.u8(0);
            header = header.plus(header.u8(1) + 1 << 3);
        }
        return next == TCP ? XdpAction.PASS : XdpAction.DROP;
    }
}
