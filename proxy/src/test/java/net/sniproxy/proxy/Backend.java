package net.sniproxy.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A TCP server whose connections the test itself serves. */
final class Backend implements AutoCloseable {
    private final ServerSocket listener;

    Backend() {
        this("127.0.0.1", 0);
    }

    Backend(String host, int port) {
        try {
            listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral(host), port), 512);
            listener.setSoTimeout(TestProxy.PATIENCE_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException("no back end at " + host + ", port " + port, e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** As a target in a configuration. */
    String target() {
        return "127.0.0.1:" + port();
    }

    Socket accept() throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout(TestProxy.PATIENCE_MILLIS);
        return socket;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
