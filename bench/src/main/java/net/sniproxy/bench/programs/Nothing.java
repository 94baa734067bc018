package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Lets every packet pass unseen: what running any program costs. */
public final class Nothing {
    private Nothing() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "nothing")
    static int pass(TcContext packet) {
        return TcAction.UNSPEC;
    }
}
