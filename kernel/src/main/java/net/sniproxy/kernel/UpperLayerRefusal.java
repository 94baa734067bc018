package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.SetSockOptContext;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Keeps enrolled sockets from becoming sockets with kTLS: what they send would be redirected before it is encrypted, and what
 * was redirected to them would be taken for decrypted. TLS libraries that are refused go on in user space.
 *
 * <p>A socket that has kTLS before it connects is refused by the kernel when it is to be enrolled.
 *
 * <p>Runs as CGROUP_SOCKOPT of a cgroup of version 2, on each setsockopt(2) of a process in it. Verdicts: 1, the call goes on; 0, it
 * fails with EPERM. Map: {@link KernelMaps#ENROLLED}, read only.
 */
public final class UpperLayerRefusal {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_ULP = 31;

    private UpperLayerRefusal() {}

    /** The program. */
    @BpfProgram(type = ProgramType.CGROUP_SOCKOPT, name = "refuse_ulp")
    static int judge(SetSockOptContext call) {
        if (call.level() != IPPROTO_TCP || call.option() != TCP_ULP) {
            return SetSockOptContext.ALLOW;
        }
        BpfSock socket = call.sk();
        if (socket == null) {
            return SetSockOptContext.ALLOW;
        }
        EnrolledSocket own = KernelMaps.ENROLLED.get(socket, null, 0);
        boolean isRedirected = own != null && own.role != EnrolledSocket.PROXY;
        return isRedirected ? SetSockOptContext.REFUSE : SetSockOptContext.ALLOW;
    }
}
