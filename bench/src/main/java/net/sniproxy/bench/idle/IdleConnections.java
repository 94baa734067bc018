package net.sniproxy.bench.idle;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bench.hello.ClientHellos;

/** Both ends of connections that stay open: clients that send a hello, and the back end that greets them. Used by one thread. */
final class IdleConnections implements AutoCloseable {
    /** No proxy answers with it: their alerts begin with 21. */
    private static final byte GREETING = 'G';
    /** So many are on their way at a time: fewer than any accept queue has room for. */
    private static final int AT_ONCE = 64;

    private static final int BACKLOG = 4096;

    private static final byte[] HELLO = ClientHellos.ofSize(517);

    private final Selector selector;
    private final ServerSocketChannel listener;
    private final List<SocketChannel> clients = new ArrayList<>();
    private final List<SocketChannel> servers = new ArrayList<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(4096);
    private int greeted;

    IdleConnections(int backEndPort) throws IOException {
        selector = Selector.open();
        listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), backEndPort), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Opens so many, and returns when each has its greeting. */
    void open(int port, int count) throws IOException {
        greeted = 0;
        InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        int started = 0;
        while (greeted < count) {
            while (started < count && started - greeted < AT_ONCE) {
                SocketChannel client = SocketChannel.open(to);
                clients.add(client);
                client.write(ByteBuffer.wrap(HELLO));
                client.configureBlocking(false);
                client.register(selector, SelectionKey.OP_READ);
                started++;
            }
            selector.select(10_000);
            for (SelectionKey key : selector.selectedKeys()) {
                handle(key);
            }
            selector.selectedKeys().clear();
        }
    }

    private void handle(SelectionKey key) throws IOException {
        if (key.isAcceptable()) {
            for (SocketChannel server = listener.accept(); server != null; server = listener.accept()) {
                servers.add(server);
                server.configureBlocking(false);
                server.register(selector, SelectionKey.OP_READ, servers);
            }
            return;
        }
        SocketChannel channel = (SocketChannel) key.channel();
        scratch.clear();
        int count = channel.read(scratch);
        if (count < 0) {
            throw new IOException("a connection ended that should have stayed open");
        }
        if (key.attachment() != null) {
            channel.write(ByteBuffer.wrap(new byte[] {GREETING}));
        } else if (count == 1 && scratch.get(0) == GREETING) {
            greeted++;
        } else {
            throw new IOException("refused by the proxy");
        }
        // Nothing more is wanted from either end.
        key.cancel();
    }

    /** Closes both ends of all. */
    void closeAll() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        for (SocketChannel server : servers) {
            server.close();
        }
        clients.clear();
        servers.clear();
        selector.selectNow();
    }

    @Override
    public void close() throws IOException {
        closeAll();
        listener.close();
        selector.close();
    }
}
