package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.SkMsgContext;
import net.sniproxy.bpf.compiler.lang.SkVerdict;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Puts what a local process sends straight into the receive queue of its peer on this host.
 *
 * <p>A message passes on through TCP when its socket is not paired, or when the receiver is too far behind. The latter
 * is for good: what follows must not overtake what TCP still carries.
 */
public final class RedirectMsg {
    private RedirectMsg() {}

    /** The program. */
    @BpfProgram(type = ProgramType.SK_MSG, name = "redirect_msg")
    static int redirect(SkMsgContext message) {
        BpfSock socket = message.sk();
        if (socket == null) {
            return SkVerdict.PASS;
        }
        U64 own = KernelMaps.SOCKET_COOKIE.get(socket, null, 0);
        if (own == null) {
            return SkVerdict.PASS;
        }
        U64 peer = KernelMaps.CONNECTION_MAP.lookup(own.value);
        if (peer == null) {
            return SkVerdict.PASS;
        }
        long receiver = peer.value;
        int size = message.size();
        if (!hasRoom(receiver, size)) {
            return SkVerdict.PASS;
        }
        count(own.value, receiver, size);
        return message.redirect(KernelMaps.SOCK_MAP, receiver, SkMsgContext.INGRESS);
    }

    /** Whether the receiver may be given more; if so, the bytes are counted as queued. */
    private static boolean hasRoom(long receiver, int size) {
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.lookup(receiver);
        if (flow == null || flow.fallenBack != 0) {
            return false;
        }
        if (flow.overLimit()) {
            flow.fallenBack = 1;
            TrafficCounter.add(TrafficCounter.REDIRECT_OVER_LIMIT, 1);
            return false;
        }
        flow.addQueued(Integer.toUnsignedLong(size));
        return true;
    }

    private static void count(long sender, long receiver, int size) {
        long bytes = Integer.toUnsignedLong(size);
        ConnectionStats sent = KernelMaps.CONNECTION_STATS.lookup(sender);
        if (sent != null) {
            sent.countSent(bytes);
        }
        ConnectionStats received = KernelMaps.CONNECTION_STATS.lookup(receiver);
        if (received != null) {
            received.countReceived(bytes);
        }
        TrafficCounter.add(TrafficCounter.BYTES_SENT, bytes);
        TrafficCounter.add(TrafficCounter.PACKETS_SENT, 1);
    }
}
