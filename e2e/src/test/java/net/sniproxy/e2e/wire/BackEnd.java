package net.sniproxy.e2e.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A TCP server of the test: hands every accepted connection to a handler on a thread of its own, or to the test that asks
 * for it. Counts what it accepted, so that a test can say "was never dialled".
 */
public final class BackEnd implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private final ServerSocket server;
    private final AtomicInteger accepted = new AtomicInteger();
    private final LinkedBlockingQueue<Peer> waiting = new LinkedBlockingQueue<>();

    private BackEnd(ServerSocket server, Optional<Consumer<Peer>> handler) {
        this.server = server;
        Thread.ofVirtual().name("back-end").start(() -> acceptAll(handler));
    }

    /** A back end whose connections the test takes with {@link #accept()}. */
    public static BackEnd start(InetAddress address) {
        return new BackEnd(listen(address, 0), Optional.empty());
    }

    /** As {@link #start(InetAddress)}, with a fixed receive buffer (bytes) for each connection. */
    public static BackEnd startWithReceiveBuffer(InetAddress address, int bytes) {
        return new BackEnd(listen(address, bytes), Optional.empty());
    }

    /** A back end that runs {@code handler} for each connection and closes the connection after it. */
    public static BackEnd serving(InetAddress address, Consumer<Peer> handler) {
        return new BackEnd(listen(address, 0), Optional.of(handler));
    }

    private static ServerSocket listen(InetAddress address, int receiveBuffer) {
        try {
            ServerSocket server = new ServerSocket();
            if (receiveBuffer > 0) {
                server.setReceiveBufferSize(receiveBuffer);
            }
            server.bind(new InetSocketAddress(address, 0), BACKLOG);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /** Port it listens on. */
    public int port() {
        return server.getLocalPort();
    }

    /** {@code host:port}, with brackets round an IPv6 address: a target as the configuration takes it. */
    public String target() {
        String host = server.getInetAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** Connections accepted so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Closes the connections that wait to be taken. */
    public void discardPending() {
        for (Peer peer = waiting.poll(); peer != null; peer = waiting.poll()) {
            peer.close();
        }
    }

    /** Connections that wait to be taken. */
    public int pending() {
        return waiting.size();
    }

    /** The next connection, waiting for it. */
    public Peer accept() {
        return accept(Peer.PATIENCE);
    }

    /** The next connection, waiting for it at most {@code patience}. */
    public Peer accept(Duration patience) {
        try {
            Peer peer = waiting.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (peer == null) {
                throw new AssertionError("no connection came within " + patience);
            }
            return peer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void acceptAll(Optional<Consumer<Peer>> handler) {
        while (!server.isClosed()) {
            try {
                Peer peer = new Peer(server.accept());
                accepted.incrementAndGet();
                handler.ifPresentOrElse(
                        work -> Thread.ofVirtual().start(() -> serve(peer, work)), () -> waiting.add(peer));
            } catch (IOException e) {
                // Closed by the test, or a client that was gone before it was accepted.
            }
        }
    }

    private static void serve(Peer peer, Consumer<Peer> handler) {
        try (peer) {
            handler.accept(peer);
        } catch (UncheckedIOException | AssertionError e) {
            // The connection ended first; the client side of the test judges whether it should have.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        discardPending();
    }
}
