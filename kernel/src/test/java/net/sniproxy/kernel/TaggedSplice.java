package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.spec.ProgramType;

/** The splice on a packet whose VLAN tag the kernel has taken out; the mark says whether it is still tagged afterwards. */
final class TaggedSplice {
    private static final int VLAN = 0x8100;
    private static final int ID = 5;

    private TaggedSplice() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "tagged_splice")
    static int splice(TcContext packet) {
        if (packet.pushVlan(ByteOrders.network16(VLAN), ID) != 0) {
            return TcAction.SHOT;
        }
        int verdict = TcSplice.splice(packet);
        packet.setMark(packet.vlanPresent());
        return verdict;
    }
}
