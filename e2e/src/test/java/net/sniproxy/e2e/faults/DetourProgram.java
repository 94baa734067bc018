package net.sniproxy.e2e.faults;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.spec.ProgramType;

/** The end of a detour: packets go on where they left the hop, behind those that have overtaken them. */
final class DetourProgram {
    private static final long INGRESS = 1;

    @BpfMap(name = "DETOUR_END", maxEntries = 1)
    static final BpfArray<Faults> DETOUR_END = BpfArray.of(1, Faults::new);

    private DetourProgram() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "detour_end")
    static int goOn(TcContext packet) {
        Faults faults = DETOUR_END.lookup(0);
        if (faults == null) {
            return TcAction.SHOT;
        }
        faults.packets++;
        return Kernel.redirect(faults.here, INGRESS);
    }
}
