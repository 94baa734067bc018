package net.sniproxy.e2e.wire;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import net.sniproxy.e2e.harness.Await;

/** A client that can put its last data and its FIN into one segment, which takes a socket option that Java lacks. */
public final class CorkedPeer implements AutoCloseable {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CORK = 3;

    private final Socket socket;

    private CorkedPeer(Socket socket) {
        this.socket = socket;
    }

    /** Connects. */
    public static CorkedPeer connect(InetSocketAddress to) {
        Epoll.ensureAvailability(); // loads the library
        Socket socket = Socket.newSocketStream();
        try {
            if (!socket.connect(to)) {
                Await.until(() -> "a connection to " + to, Peer.PATIENCE, socket::finishConnect);
            }
            return new CorkedPeer(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends everything and FIN as one segment, if it is shorter than one: while corked, the kernel keeps an unfilled segment
     * back, and FIN goes onto the last segment that has not left.
     */
    public void sendWithFin(byte[]... parts) {
        try {
            socket.setIntOpt(IPPROTO_TCP, TCP_CORK, 1);
            for (byte[] part : parts) {
                ByteBuffer buffer =
                        ByteBuffer.allocateDirect(part.length).put(part).flip();
                while (buffer.hasRemaining()) {
                    buffer.position(socket.send(buffer, buffer.position(), buffer.limit()) + buffer.position());
                }
            }
            socket.shutdown(false, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads to the end. */
    public Received receive() {
        Received.Meter meter = new Received.Meter();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        byte[] chunk = new byte[1 << 16];
        try {
            while (true) {
                // The socket does not block: 0 stands for "nothing yet", -1 for FIN.
                int n = Await.until(
                        "bytes or an end", Peer.PATIENCE, () -> socket.recv(buffer, 0, buffer.capacity()), r -> r != 0);
                if (n < 0) {
                    return meter.ended(Ending.FIN);
                }
                buffer.get(0, chunk, 0, n);
                meter.add(chunk, 0, n);
            }
        } catch (UncheckedIOException e) {
            return meter.ended(Ending.RST);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
