package net.sniproxy.e2e.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address that swallows SYNs: a listener whose queue is full and that never accepts (Linux then drops SYNs without a
 * word, as long as tcp_abort_on_overflow is 0).
 */
public final class BlackHole implements AutoCloseable {
    /** Connections in a queue of one when it is full: Linux takes one more. */
    private static final int FULL = 2;

    private static final int ENOUGH = 20;
    private static final int SWALLOWED_MILLIS = 300;

    private final ServerSocket server;
    private final List<Socket> fillers = new ArrayList<>();

    private BlackHole(ServerSocket server) {
        this.server = server;
    }

    /** Makes one, and makes sure that it swallows. */
    public static BlackHole at(InetAddress address, int port) {
        try {
            BlackHole hole = new BlackHole(new ServerSocket(port, 1, address));
            hole.fill();
            return hole;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until two in a row get no answer. The first ones are waited for: that theirs is only late would look the same. */
    private void fill() throws IOException {
        int unanswered = 0;
        for (int i = 0; i < ENOUGH; i++) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                int patience = i < FULL ? (int) Peer.PATIENCE.toMillis() : SWALLOWED_MILLIS;
                filler.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), patience);
                unanswered = 0;
            } catch (SocketTimeoutException e) {
                if (++unanswered == 2) {
                    return;
                }
            }
        }
        throw new AssertionError("a listener with a queue of one took " + ENOUGH + " connections");
    }

    @Override
    public void close() {
        try {
            for (Socket filler : fillers) {
                filler.close();
            }
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
