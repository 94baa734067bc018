package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.ProgramType;

/** Counts packets and bytes of each TCP flow: a struct key, a struct value, a first entry made on the stack. */
public final class FlowTable {
    private static final int ENTRIES = 65_536;
    private static final int HEADERS = 54;
    private static final int IPV4 = 0x0800;
    private static final int NO_OPTIONS = 0x45;
    private static final int TCP = 6;

    @Struct
    record FlowKey(@Unsigned int source, @Unsigned int destination, char sourcePort, char destinationPort) {}

    @Struct
    static final class FlowValue {
        @Unsigned
        long packets;

        @Unsigned
        long bytes;

        @Unsigned
        long lastSeen;
    }

    @BpfMap(name = "FLOWS", maxEntries = ENTRIES)
    static final BpfHash<FlowKey, FlowValue> FLOWS = BpfHash.of(ENTRIES);

    private FlowTable() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "flow_table")
    static int count(TcContext context) {
        Packet frame = context.data();
        if (!context.dataEnd().covers(frame, HEADERS)
                || frame.u16be(12) != IPV4
                || frame.u8(14) != NO_OPTIONS
                || frame.u8(23) != TCP) {
            return TcAction.OK;
        }
        FlowKey key = new FlowKey(frame.u32(26), frame.u32(30), (char) frame.u16(34), (char) frame.u16(36));
        FlowValue flow = FLOWS.lookup(key);
        if (flow != null) {
            flow.packets++;
            flow.bytes += Integer.toUnsignedLong(context.len());
            flow.lastSeen = Kernel.nanoTime();
            return TcAction.OK;
        }
        FlowValue first = new FlowValue();
        first.packets = 1;
        first.bytes = Integer.toUnsignedLong(context.len());
        first.lastSeen = Kernel.nanoTime();
        FLOWS.update(key, first, UpdateFlags.NO_EXIST);
        return TcAction.OK;
    }
}
