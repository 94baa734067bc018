package net.sniproxy.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Known bytes, and what arrived of them. */
final class Streams {
    /** How a stream ended. */
    enum End {
        FIN,
        RST
    }

    /** What one side received: count, SHA-256 in hexadecimal, and the end. */
    record Received(long bytes, String sha256, End end) {}

    private Streams() {}

    static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    static Received expected(End end, byte[]... parts) {
        MessageDigest digest = sha256();
        long length = 0;
        for (byte[] part : parts) {
            digest.update(part);
            length += part.length;
        }
        return new Received(length, HexFormat.of().formatHex(digest.digest()), end);
    }

    static Received receive(InputStream in) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[65_536];
        long length = 0;
        End end = End.FIN;
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
                length += read;
            }
        } catch (SocketException e) {
            end = End.RST;
        }
        return new Received(length, HexFormat.of().formatHex(digest.digest()), end);
    }

    static Received receive(Socket socket) throws IOException {
        return receive(socket.getInputStream());
    }

    static CompletableFuture<Received> receiving(Socket socket) {
        return async(() -> receive(socket));
    }

    /** Writes and half-closes, on a thread of its own. */
    static CompletableFuture<Void> sending(Socket socket, byte[]... parts) {
        return async(() -> {
            OutputStream out = socket.getOutputStream();
            for (byte[] part : parts) {
                out.write(part);
            }
            socket.shutdownOutput();
            return null;
        });
    }

    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    static <T> CompletableFuture<T> async(Callable<T> action) {
        var result = new CompletableFuture<T>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(action.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
