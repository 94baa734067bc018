package net.sniproxy.bench.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Serves what {@link Wire} describes, all connections on one thread. A program of its own. */
final class BackEnd {
    private static final int BACKLOG = 4096;

    private final Selector selector;
    private final ServerSocketChannel listener;

    private BackEnd() throws IOException {
        selector = Selector.open();
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress("0.0.0.0", Wire.PORT), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] arguments) throws IOException {
        BackEnd backEnd = new BackEnd();
        System.out.println("ready");
        while (true) {
            backEnd.selector.select(backEnd::serve);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (key.attachment() instanceof Conversation conversation) {
                conversation.goOn(key);
            }
        } catch (IOException e) {
            // The client has gone.
            key.cancel();
            close(key);
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Conversation(channel));
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            // It is gone as far as this program is concerned.
        }
    }

    /** One connection: what is read next, and what is still to be sent. */
    private static final class Conversation {
        private static final ByteBuffer SINK = ByteBuffer.allocateDirect(Wire.CHUNK);
        private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(Wire.CHUNK);

        private final SocketChannel channel;
        private ByteBuffer wanted = ByteBuffer.allocate(Wire.hello().length);
        private byte mode;
        private long toReceive;
        private long toSend;

        Conversation(SocketChannel channel) {
            this.channel = channel;
        }

        void goOn(SelectionKey key) throws IOException {
            if (key.isWritable()) {
                send();
            }
            if (key.isReadable()) {
                receive();
            }
            key.interestOps(toSend > 0 ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        }

        private void receive() throws IOException {
            if (toReceive > 0) {
                SINK.clear().limit((int) Math.min(Wire.CHUNK, toReceive));
                toReceive -= read(SINK);
                if (toReceive == 0) {
                    channel.write(ByteBuffer.allocate(1));
                }
                return;
            }
            read(wanted);
            if (!wanted.hasRemaining()) {
                wanted.flip();
                answer();
            }
        }

        private void answer() throws IOException {
            switch (mode) {
                case 0 -> greet();
                case Wire.ECHO -> {
                    while (wanted.hasRemaining()) {
                        channel.write(wanted);
                    }
                    wanted.clear();
                }
                default -> take(wanted.get(), wanted.getLong());
            }
        }

        private void greet() throws IOException {
            ByteBuffer greeting = ByteBuffer.allocate(Wire.GREETING_BYTES);
            greeting.put(0, Wire.GREETING);
            channel.write(greeting);
            mode = Wire.DOWN;
            wanted = ByteBuffer.allocate(Wire.REQUEST_BYTES);
        }

        private void take(byte request, long size) throws IOException {
            mode = request;
            wanted.clear();
            switch (request) {
                case Wire.ECHO -> wanted = ByteBuffer.allocateDirect((int) size);
                case Wire.UP -> toReceive = size;
                case Wire.DOWN -> {
                    toSend = size;
                    send();
                }
                default -> throw new IOException("no request: " + request);
            }
        }

        private void send() throws IOException {
            int sent = 1;
            while (toSend > 0 && sent > 0) {
                ZEROS.clear().limit((int) Math.min(Wire.CHUNK, toSend));
                sent = channel.write(ZEROS);
                toSend -= sent;
            }
        }

        private int read(ByteBuffer to) throws IOException {
            int count = channel.read(to);
            if (count < 0) {
                throw new IOException("ended");
            }
            return count;
        }
    }
}
