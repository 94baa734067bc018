package net.sniproxy.app.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The back end, a process of its own: {@code sni-proxy bench serve ADDRESS}. */
public final class LoadServer {
    private static final int BACKLOG = 1024;
    private static final int CHUNK = 1 << 18;

    private LoadServer() {}

    /**
     * Serves until standard input ends; prints its port first.
     *
     * @throws IOException if it cannot listen
     */
    public static void run(String address, PrintWriter out) throws IOException {
        try (ServerSocket listener = new ServerSocket()) {
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0), BACKLOG);
            Thread.ofPlatform().daemon().start(() -> accept(listener));
            out.println(listener.getLocalPort());
            out.flush();
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void accept(ServerSocket listener) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream to = socket.getOutputStream();
            Wire.skipRecord(in);
            to.write(Wire.GREETING);
            switch (in.read()) {
                case Wire.ECHO -> echo(in, to);
                case Wire.SEND -> send(to);
                default -> {
                    // The client wanted no more than the greeting.
                }
            }
        } catch (IOException e) {
            // The client has ended the connection: its way to say that it has measured enough.
        }
    }

    private static void echo(DataInputStream in, OutputStream to) throws IOException {
        byte[] message = new byte[Wire.MESSAGE];
        while (true) {
            in.readFully(message);
            to.write(message);
        }
    }

    private static void send(OutputStream to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        while (true) {
            to.write(chunk);
        }
    }
}
