package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.SkMsgContext;
import net.sniproxy.bpf.compiler.lang.SkVerdict;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Puts what a local process sends straight into the receive queue of its peer on this host. {@link RedirectFlow} says when, and
 * why the bytes stay in order; whatever is not redirected passes on through TCP to the proxy.
 *
 * <p>SK_MSG cannot make a sender wait. So what exceeds the limit is left to TCP, which can, and the direction returns when its
 * receiver has read everything. The sender's buffer is made small then (see {@link SocketEnrolment}): with a large one there
 * would always be bytes on their way through TCP, and no return.
 *
 * <p>Runs as SK_MSG on each sendmsg(2) of a socket in {@link KernelMaps#SOCK_MAP}, before TCP has the bytes. Its verdict is always
 * {@code SK_PASS}: to TCP, or to where {@code bpf_msg_redirect_hash} sends the message. Maps: those of {@link KernelMaps} for
 * redirection and {@link KernelMaps#TRAFFIC_STATS}. The four programs of the redirection together need Linux 6.3: see {@link
 * SocketConsumption}.
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
        U64 peer = KernelMaps.CONNECTION_MAP.lookup(own.cookie);
        if (peer == null) {
            return SkVerdict.PASS;
        }
        long receiver = peer.value;
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.lookup(receiver);
        if (flow == null || !countPassed(flow, own, socket) || !isRedirected(flow, own)) {
            return SkVerdict.PASS;
        }
        if (message.redirect(KernelMaps.SOCK_MAP, receiver, SkMsgContext.INGRESS) != SkVerdict.PASS) {
            // The receiver is closed. A sender learns that from TCP, in TCP's own way.
            flow.state = RedirectFlow.ENDED;
            return SkVerdict.PASS;
        }
        long bytes = Integer.toUnsignedLong(message.size());
        RedirectBudget.hold(flow.addRedirected(bytes));
        count(own, receiver, bytes);
        return SkVerdict.PASS;
    }

    /** What the sender gave to TCP before, whether or not this program saw it, and all of it or not. */
    private static boolean countPassed(RedirectFlow flow, EnrolledSocket sender, BpfSock socket) {
        long tcp = socket.tcpAddress();
        if (tcp == 0) {
            return false;
        }
        U32 writeSequence = new U32();
        if (Kernel.read(writeSequence, tcp + Integer.toUnsignedLong(flow.sequenceOffset)) != 0) {
            return false;
        }
        flow.sent += sender.takePassed(writeSequence.value);
        return true;
    }

    private static boolean isRedirected(RedirectFlow flow, EnrolledSocket sender) {
        if (flow.state == RedirectFlow.ENDED) {
            return false;
        }
        if (flow.isDrained()) {
            if (flow.state != RedirectFlow.REDIRECTING) {
                TraceLine.redirect(sender.cookie, RedirectFlow.REDIRECTING);
            }
            flow.state = RedirectFlow.REDIRECTING;
            RedirectBudget.hold(-flow.messages);
            flow.messages = 0;
        }
        if (flow.state == RedirectFlow.WAITING) {
            return false;
        }
        if (flow.held() > limit(flow)) {
            flow.state = RedirectFlow.WAITING;
            sender.askForSmallBuffer();
            TrafficCounter.addInTask(TrafficCounter.REDIRECT_OVER_LIMIT, 1);
            TraceLine.redirect(sender.cookie, flow.state);
            return false;
        }
        return true;
    }

    private static long limit(RedirectFlow flow) {
        if (flow.limit > RedirectBudget.LEAST && RedirectBudget.isSpent()) {
            return RedirectBudget.LEAST;
        }
        return flow.limit;
    }

    /** A connection is counted under its client's cookie. */
    private static void count(EnrolledSocket sender, long receiver, long bytes) {
        if (sender.role == EnrolledSocket.CLIENT) {
            ConnectionStats stats = KernelMaps.CONNECTION_STATS.lookup(sender.cookie);
            if (stats != null) {
                stats.countSent(bytes);
            }
            countAll(TrafficCounter.BYTES_SENT, TrafficCounter.PACKETS_SENT, bytes);
        } else {
            ConnectionStats stats = KernelMaps.CONNECTION_STATS.lookup(receiver);
            if (stats != null) {
                stats.countReceived(bytes);
            }
            countAll(TrafficCounter.BYTES_RECEIVED, TrafficCounter.PACKETS_RECEIVED, bytes);
        }
    }

    private static void countAll(int byteCounter, int messageCounter, long bytes) {
        if (Variant.COUNTING) {
            TrafficCounter.addInTask(byteCounter, bytes);
            TrafficCounter.addInTask(messageCounter, 1);
        }
    }
}
