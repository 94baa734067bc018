package net.sniproxy.bpf.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A TCP connection over loopback, both ends in this process. */
public record SocketPair(Socket client, Socket server) implements AutoCloseable {
    public static SocketPair connect() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket listening = new ServerSocket(0, 1, loopback)) {
            Socket client = new Socket(loopback, listening.getLocalPort());
            return new SocketPair(client, listening.accept());
        }
    }

    /** The descriptor of the client's end. */
    public int clientDescriptor() throws IOException {
        return SocketDescriptors.of(client);
    }

    /** Sends from the client and returns what the server reads. */
    public String sendAndReceive(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        client.getOutputStream().write(bytes);
        return new String(server.getInputStream().readNBytes(bytes.length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        try (client;
                server) {
            client.shutdownOutput();
        }
    }
}
