package net.sniproxy.bpf.compiler.sample;

import java.util.function.IntUnaryOperator;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.spec.ProgramType;

/** Small programs whose code the tests know by heart. */
public final class Listed {
    @BpfMap(name = "PORTS", maxEntries = 8)
    static final BpfHash<Integer, U64> PORTS = BpfHash.of(8);

    @BpfMap(name = "FLOWS", maxEntries = 8)
    static final BpfHash<Flow, U64> FLOWS = BpfHash.of(8);

    private Listed() {}

    /** Ten bytes and two of padding. */
    @Struct
    record Flow(int source, int destination, short port) {}

    @BpfProgram(type = ProgramType.XDP, name = "ether_type")
    static int etherType(XdpContext context) {
        Packet frame = context.data();
        if (!context.dataEnd().covers(frame, 14) || frame.u16be(12) != 0x0800) {
            return XdpAction.PASS;
        }
        return XdpAction.DROP;
    }

    @BpfProgram(type = ProgramType.XDP, name = "null_check")
    static int nullCheck(XdpContext context) {
        U64 found = PORTS.lookup(443);
        if (found != null) {
            found.add(1);
        }
        return XdpAction.PASS;
    }

    @BpfProgram(type = ProgramType.XDP, name = "struct_key")
    static int structKey(XdpContext context) {
        Flow flow = new Flow(1, context.ingressIfindex(), (short) 443);
        return FLOWS.lookup(flow) == null ? XdpAction.DROP : XdpAction.PASS;
    }

    @BpfProgram(type = ProgramType.XDP, name = "lambda")
    static int lambda(XdpContext context) {
        return apply(x -> x + 1, context.ingressIfindex());
    }

    private static int apply(IntUnaryOperator function, int value) {
        return function.applyAsInt(function.applyAsInt(value));
    }
}
