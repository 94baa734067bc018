package net.sniproxy.bench.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Opens connections as fast as they go: a hello, the back end's greeting, and the end by RST, so that no port waits. */
final class Connections {
    private final InetSocketAddress to;
    private final Selector selector;
    private final ByteBuffer greeting = ByteBuffer.allocateDirect(Wire.GREETING_BYTES);
    private final ByteBuffer hello;
    private long done;
    private long failed;

    private Connections(InetSocketAddress to) throws IOException {
        this.to = to;
        this.selector = Selector.open();
        byte[] bytes = Wire.hello();
        this.hello = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /**
     * Keeps {@code parallel} of them going.
     *
     * @return connections that got their greeting in each second, and how many did not in all
     */
    static String open(InetSocketAddress to, long millis, int parallel) throws IOException {
        Connections connections = new Connections(to);
        long start = System.nanoTime();
        long end = start + millis * 1_000_000;
        for (int i = 0; i < parallel; i++) {
            connections.connect();
        }
        while (System.nanoTime() < end) {
            connections.selector.select(connections::goOn, 100);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        for (SelectionKey key : connections.selector.keys()) {
            key.channel().close();
        }
        connections.selector.close();
        return Math.round(connections.done / seconds) + " " + connections.failed;
    }

    private void connect() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.connect(to);
        channel.register(selector, SelectionKey.OP_CONNECT);
    }

    private void goOn(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                channel.write(hello.duplicate());
                key.interestOps(SelectionKey.OP_READ);
                return;
            }
            greeting.clear();
            boolean greeted = channel.read(greeting) == Wire.GREETING_BYTES && greeting.get(0) == Wire.GREETING;
            ended(channel, greeted);
        } catch (IOException e) {
            ended(channel, false);
        }
    }

    private void ended(SocketChannel channel, boolean greeted) {
        done += greeted ? 1 : 0;
        failed += greeted ? 0 : 1;
        try {
            channel.close();
            connect();
        } catch (IOException e) {
            failed++;
        }
    }
}
