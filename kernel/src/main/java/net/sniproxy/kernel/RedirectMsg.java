package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.SkMsgContext;
import net.sniproxy.bpf.compiler.lang.SkVerdict;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Puts what a local process sends straight into the receive queue of its peer on this host. {@link RedirectFlow} says when, and
 * why the bytes stay in order; whatever is not redirected passes on through TCP to the proxy.
 */
public final class RedirectMsg {
    private RedirectMsg() {}

    /** The program. It runs under the lock of the sending socket. */
    @BpfProgram(type = ProgramType.SK_MSG, name = "redirect_msg")
    static int redirect(SkMsgContext message) {
        BpfSock socket = message.sk();
        if (socket == null) {
            return SkVerdict.PASS;
        }
        EnrolledSocket own = KernelMaps.ENROLLED.get(socket, null, 0);
        if (own == null) {
            return SkVerdict.PASS;
        }
        long bytes = Integer.toUnsignedLong(message.size());
        U64 peer = KernelMaps.CONNECTION_MAP.lookup(own.cookie);
        if (peer == null) {
            // Not paired yet: what passes now must have been read before anything may be redirected.
            own.passed += bytes;
            return SkVerdict.PASS;
        }
        long receiver = peer.value;
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.lookup(receiver);
        if (flow == null || !isRedirected(flow, own, bytes)) {
            return SkVerdict.PASS;
        }
        flow.addQueued(bytes);
        if (message.redirect(KernelMaps.SOCK_MAP, receiver, SkMsgContext.INGRESS) != SkVerdict.PASS) {
            // The receiver is closed. A sender learns that from TCP, in TCP's own way.
            flow.state = RedirectFlow.FALLEN_BACK;
            return SkVerdict.PASS;
        }
        count(own, receiver, bytes);
        return SkVerdict.PASS;
    }

    private static boolean isRedirected(RedirectFlow flow, EnrolledSocket sender, long bytes) {
        if (flow.state == RedirectFlow.WAITING) {
            flow.startAfter(sender.passed);
            if (flow.state == RedirectFlow.WAITING) {
                sender.passed += bytes;
                return false;
            }
        }
        if (flow.state != RedirectFlow.REDIRECTING) {
            return false;
        }
        if (flow.overLimit()) {
            flow.state = RedirectFlow.FALLEN_BACK;
            TrafficCounter.add(TrafficCounter.REDIRECT_OVER_LIMIT, 1);
            return false;
        }
        return true;
    }

    /** A connection is counted under its client's cookie. */
    private static void count(EnrolledSocket sender, long receiver, long bytes) {
        if (sender.role == EnrolledSocket.CLIENT) {
            ConnectionStats stats = KernelMaps.CONNECTION_STATS.lookup(sender.cookie);
            if (stats != null) {
                stats.countSent(bytes);
            }
            TrafficCounter.add(TrafficCounter.BYTES_SENT, bytes);
            TrafficCounter.add(TrafficCounter.PACKETS_SENT, 1);
        } else {
            ConnectionStats stats = KernelMaps.CONNECTION_STATS.lookup(receiver);
            if (stats != null) {
                stats.countReceived(bytes);
            }
            TrafficCounter.add(TrafficCounter.BYTES_RECEIVED, bytes);
            TrafficCounter.add(TrafficCounter.PACKETS_RECEIVED, 1);
        }
    }
}
