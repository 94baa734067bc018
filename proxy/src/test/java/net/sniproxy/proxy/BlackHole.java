package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.testing.Eventually;

/** An address that does not answer a SYN: a listener whose queue is full. */
final class BlackHole implements AutoCloseable {
    private static final int BACKLOG = 1;

    private final ServerSocket listener = new ServerSocket();
    private final List<Socket> fillers = new ArrayList<>();

    BlackHole(String host, int port) throws IOException {
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral(host), port), BACKLOG);
        // The queue takes one more than it was asked to; the kernel itself says when they are in.
        for (int waiting = 1; waiting <= BACKLOG + 1; waiting++) {
            fillers.add(new Socket(listener.getInetAddress(), listener.getLocalPort()));
            int all = waiting;
            Eventually.holds(
                    () -> assertThat(ReceiveQueue.connections(host, port())).isEqualTo(all));
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        for (Socket filler : fillers) {
            filler.close();
        }
        listener.close();
    }
}
