package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Counts what redirected receivers read: without it the kernel would hold an unlimited amount for a slow reader.
 *
 * <p>Runs at the tracepoint {@code sock_recv_length} (Linux 6.3), when a read of any socket of the machine returns; all but enrolled
 * ones it leaves at once. It returns 0, which a tracepoint ignores. Maps: {@link KernelMaps#ENROLLED}, {@link
 * KernelMaps#REDIRECT_FLOWS}, {@link KernelMaps#REDIRECT_BUDGET}.
 */
public final class SocketConsumption {
    /** {@code MSG_PEEK}: the bytes stay in the queue; {@code MSG_ERRQUEUE}: they were never in it. */
    private static final int NOT_CONSUMING = 0x2 | 0x2000;

    private SocketConsumption() {}

    /**
     * The program.
     *
     * @param socket the reader
     * @param result bytes read, or an error number
     * @param flags of {@code recvmsg}
     */
    @BpfProgram(type = ProgramType.TRACING, name = "count_consumed", attachTo = "sock_recv_length")
    static int consumed(Sock socket, int result, int flags) {
        if (result <= 0 || (flags & NOT_CONSUMING) != 0) {
            return 0;
        }
        EnrolledSocket own = KernelMaps.ENROLLED.get(socket, null, 0);
        if (own == null) {
            return 0;
        }
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.lookup(own.cookie);
        if (flow != null) {
            RedirectBudget.hold(-flow.consume(result));
        }
        return 0;
    }
}
