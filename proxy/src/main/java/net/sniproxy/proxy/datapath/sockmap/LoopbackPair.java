package net.sniproxy.proxy.datapath.sockmap;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.kernel.EnrolledSocket;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;

/**
 * Two sockets of this process, connected to each other over loopback, enrolled and paired: what one sends is redirected to the
 * other, and what is not redirected goes there by TCP. For one thread.
 */
final class LoopbackPair implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int NOTHING_YET = 0;

    private final SockmapTables tables;
    private final Socket sender;
    private final Socket receiver;
    private final EnrolledSocket senderEnd;
    private final EnrolledSocket receiverEnd;

    private LoopbackPair(Kernel kernel, SockmapTables tables, Socket sender, Socket receiver) {
        this.tables = tables;
        this.sender = sender;
        this.receiver = receiver;
        this.senderEnd = end(new TcpSocket(kernel, sender.intValue()), EnrolledSocket.CLIENT);
        this.receiverEnd = end(new TcpSocket(kernel, receiver.intValue()), EnrolledSocket.UPSTREAM);
    }

    private static EnrolledSocket end(TcpSocket socket, int role) {
        return new EnrolledSocket(socket.cookie(), socket.position().sendNext(), role);
    }

    static LoopbackPair open(Kernel kernel, SockmapTables tables, long limit) throws IOException {
        Epoll.ensureAvailability(); // Loads the library.
        Socket sender = Socket.newSocketStream();
        Socket listener = Socket.newSocketStream();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            listener.listen(1);
            if (!sender.connect(listener.localAddress())) {
                await("a connection over loopback", sender::finishConnect);
            }
            LoopbackPair pair = new LoopbackPair(kernel, tables, sender, new Socket(accept(listener)));
            pair.join(limit);
            return pair;
        } catch (IOException | RuntimeException e) {
            sender.close();
            throw e;
        } finally {
            listener.close();
        }
    }

    private static int accept(Socket listener) throws IOException {
        byte[] address = new byte[26]; // As long as the library wants it for either family.
        int[] accepted = {-1};
        await("a connection over loopback", () -> {
            accepted[0] = listener.accept(address);
            return accepted[0] >= 0;
        });
        return accepted[0];
    }

    private void join(long limit) {
        tables.enrol(sender.intValue(), senderEnd);
        tables.enrol(receiver.intValue(), receiverEnd);
        tables.pair(senderEnd.cookie, receiverEnd.cookie, 0, limit);
    }

    Socket sender() {
        return sender;
    }

    Socket receiver() {
        return receiver;
    }

    /** Bytes from the sender that were redirected. */
    long redirected() {
        return tables.counts(senderEnd.cookie).map(counts -> counts.bytesSent).orElse(0L);
    }

    /** Bytes that were redirected to the receiver and not read. */
    long unread() {
        return tables.unread(receiverEnd.cookie);
    }

    /** Sends bytes in one message. */
    static void send(Socket from, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        int sent = from.send(buffer, 0, bytes.length);
        if (sent != bytes.length) {
            throw new IOException(sent + " of " + bytes.length + " bytes were taken");
        }
    }

    /** Receives exactly so many bytes. */
    static byte[] receive(Socket at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(count);
        await(count + " bytes", () -> {
            int got = at.recv(buffer, buffer.position(), count);
            if (got < 0) {
                throw new IOException("the end came after " + buffer.position() + " of " + count + " bytes");
            }
            buffer.position(buffer.position() + got);
            return !buffer.hasRemaining();
        });
        byte[] bytes = new byte[count];
        buffer.flip().get(bytes);
        return bytes;
    }

    /** Waits for FIN. */
    static void receiveEnd(Socket at) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1);
        await("FIN", () -> {
            int got = at.recv(buffer, 0, 1);
            if (got > NOTHING_YET) {
                throw new IOException("a byte came where FIN was due");
            }
            return got < NOTHING_YET;
        });
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("waited in vain for " + what);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws IOException {
        tables.unpair(senderEnd.cookie, receiverEnd.cookie);
        try {
            sender.close();
        } finally {
            receiver.close();
        }
    }
}
