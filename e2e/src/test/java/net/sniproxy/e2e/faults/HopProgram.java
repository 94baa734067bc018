package net.sniproxy.e2e.faults;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Rolls dice for each packet that arrives. Programs behind it see only what is left. */
final class HopProgram {
    private static final int THOUSAND = 1000;
    /** On packets that have had their turn. */
    private static final int DONE = 0x5350;

    private static final int VLAN = 0x8100;
    private static final int VLAN_ID = 5;
    private static final long INGRESS = 1;
    /** Behind the headers of TCP in IPv4 with timestamps. */
    private static final int FIRST_PAYLOAD = 66;

    @BpfMap(name = "HOP_FAULTS", maxEntries = 1)
    static final BpfArray<Faults> HOP_FAULTS = BpfArray.of(1, Faults::new);

    private HopProgram() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "hop_faults")
    static int disturb(TcContext packet) {
        Faults faults = HOP_FAULTS.lookup(0);
        if (faults == null || packet.mark() == DONE) {
            return TcAction.UNSPEC;
        }
        faults.packets++;
        int dice = Integer.remainderUnsigned(Kernel.random(), THOUSAND);
        if (dice < faults.loss) {
            faults.disturbed++;
            return TcAction.SHOT;
        }
        dice -= faults.loss;
        if (dice < faults.duplication) {
            faults.disturbed++;
            packet.setMark(DONE);
            packet.cloneRedirect(faults.here, INGRESS);
            return TcAction.UNSPEC;
        }
        dice -= faults.duplication;
        if (dice < faults.corruption) {
            faults.disturbed++;
            spoil(packet);
            return TcAction.UNSPEC;
        }
        dice -= faults.corruption;
        if (dice < faults.reordering) {
            faults.disturbed++;
            packet.setMark(DONE);
            return Kernel.redirect(faults.detour, 0);
        }
        dice -= faults.reordering;
        if (dice < faults.tagging) {
            faults.disturbed++;
            packet.pushVlan(ByteOrders.network16(VLAN), VLAN_ID);
        }
        return TcAction.UNSPEC;
    }

    private static void spoil(TcContext packet) {
        Buffer bytes = Buffer.ofSize(8);
        if (packet.loadBytes(FIRST_PAYLOAD, bytes, 1) == 0) {
            bytes.setU8(0, bytes.u8(0) ^ 1);
            packet.storeBytes(FIRST_PAYLOAD, bytes, 1, 0);
        }
    }
}
