package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.spec.ProgramType;

/** Counts what redirected receivers read: without it the kernel would hold an unlimited amount for a slow reader. */
public final class SocketConsumption {
    /** {@code MSG_PEEK}: the bytes stay in the queue. */
    private static final int PEEK = 2;

    private SocketConsumption() {}

    /**
     * The program; the tracepoint exists since Linux 6.3.
     *
     * @param socket the reader
     * @param result bytes read, or an error number
     * @param flags of {@code recvmsg}
     */
    @BpfProgram(type = ProgramType.TRACING, name = "count_consumed", attachTo = "sock_recv_length")
    static int consumed(Sock socket, int result, int flags) {
        if (result <= 0 || (flags & PEEK) != 0) {
            return 0;
        }
        U64 cookie = KernelMaps.SOCKET_COOKIE.get(socket, null, 0);
        if (cookie == null) {
            return 0;
        }
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.lookup(cookie.value);
        if (flow != null) {
            flow.addConsumed(result);
        }
        return 0;
    }
}
