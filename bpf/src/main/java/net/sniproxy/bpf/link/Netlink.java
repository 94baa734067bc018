package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * A socket of netlink(7) for questions about the network. It belongs to the network namespace of the thread that opens
 * it, and asks there whichever thread uses it. One question at a time: the methods lock.
 */
final class Netlink implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_GENERIC = 16;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int RECEIVE_BYTES = 1 << 16;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    /** The kernel answers within the call that asks; a silence this long is an error. */
    private static final long DEADLINE_SECONDS = 5;

    private final Kernel kernel;
    private final Descriptor socket;
    private int sequence;

    private Netlink(Kernel kernel, Descriptor socket) {
        this.kernel = kernel;
        this.socket = socket;
    }

    /** A socket for questions about interfaces, addresses and routes. */
    static Netlink open(Kernel kernel) {
        return open(kernel, NETLINK_ROUTE);
    }

    /** A socket for questions to families that have no protocol of their own. */
    static Netlink openGeneric(Kernel kernel) {
        return open(kernel, NETLINK_GENERIC);
    }

    private static Netlink open(Kernel kernel, int protocol) {
        int number = kernel.calls().socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
        kernel.check("socket", "netlink", number);
        Descriptor socket = Descriptor.own(kernel.calls(), number, "netlink socket");
        Netlink netlink = new Netlink(kernel, socket);
        try {
            netlink.setDeadline();
            return netlink;
        } catch (RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    private void setDeadline() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(2 * Long.BYTES, Long.BYTES);
            time.set(ValueLayout.JAVA_LONG, 0, DEADLINE_SECONDS);
            int length = (int) time.byteSize();
            int result = kernel.calls().setSocketOption(socket.number(), SOL_SOCKET, SO_RCVTIMEO, time, length);
            kernel.check("setsockopt", "netlink", result);
        }
    }

    /**
     * Sends a request and gives the bodies of the answers, without their headers.
     *
     * @param what the request in words, for messages
     * @throws BpfException with the kernel's error
     */
    synchronized List<ByteBuffer> ask(NetlinkMessage request, String what) {
        int asked = ++sequence;
        byte[] bytes = request.bytes(asked);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(RECEIVE_BYTES, Long.BYTES);
            MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
            kernel.check("sendto", what, kernel.calls().send(socket.number(), buffer, bytes.length, 0));
            List<ByteBuffer> answers = new ArrayList<>();
            boolean done = false;
            while (!done) {
                long length = kernel.calls().receive(socket.number(), buffer, RECEIVE_BYTES, 0);
                if (!Errno.EINTR.is(length)) {
                    kernel.check("recvfrom", what, length);
                    byte[] received = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                    done = collect(ByteBuffer.wrap(received).order(ByteOrder.nativeOrder()), asked, answers, what);
                }
            }
            return answers;
        }
    }

    /** Splits what was received into messages; returns whether the last one has come. */
    private static boolean collect(ByteBuffer received, int asked, List<ByteBuffer> answers, String what) {
        boolean done = false;
        while (received.remaining() >= NetlinkMessage.HEADER_SIZE) {
            int start = received.position();
            int length = received.getInt(start);
            int type = Short.toUnsignedInt(received.getShort(start + 4));
            if (length < NetlinkMessage.HEADER_SIZE || length > received.remaining()) {
                throw new IllegalStateException(
                        what + ": netlink message of " + length + " bytes, but " + received.remaining() + " are left");
            }
            boolean ours = received.getInt(start + 8) == asked;
            ByteBuffer body = received.slice(start + NetlinkMessage.HEADER_SIZE, length - NetlinkMessage.HEADER_SIZE)
                    .order(ByteOrder.nativeOrder());
            if (ours && (type == NLMSG_ERROR || type == NLMSG_DONE)) {
                failOnError(body, what);
                done = true;
            } else if (ours) {
                answers.add(body);
            }
            received.position(Math.min(start + NetlinkMessage.aligned(length), received.limit()));
        }
        return done;
    }

    private static void failOnError(ByteBuffer body, String what) {
        int result = body.remaining() >= Integer.BYTES ? body.getInt(0) : 0;
        if (result < 0) {
            Errno errno = Errno.of(result);
            String remedy =
                    errno.equals(Errno.EPERM) ? "Run as root, or with CAP_NET_ADMIN in this network namespace." : "";
            throw new BpfException("netlink request", what, errno, remedy);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
