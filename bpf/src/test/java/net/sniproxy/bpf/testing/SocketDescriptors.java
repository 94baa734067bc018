package net.sniproxy.bpf.testing;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Finds the descriptor behind a socket of the JDK, which does not tell it. */
public final class SocketDescriptors {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    private SocketDescriptors() {}

    /** The descriptor of a connected TCP socket of this process and of the network namespace that this thread is in. */
    public static int of(Socket socket) throws IOException {
        String link = "socket:[" + inode(socket.getLocalPort(), socket.getPort()) + "]";
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (target(descriptor).equals(link)) {
                    return Integer.parseInt(descriptor.getFileName().toString());
                }
            }
        }
        throw new AssertionError("no descriptor for " + socket);
    }

    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException closed) {
            return ""; // By another thread, since the directory was read.
        }
    }

    private static String inode(int localPort, int remotePort) throws IOException {
        for (String table : new String[] {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.strip().split("\\s+");
                if (columns[LOCAL].endsWith(String.format(":%04X", localPort))
                        && columns[REMOTE].endsWith(String.format(":%04X", remotePort))) {
                    return columns[INODE];
                }
            }
        }
        throw new AssertionError("no socket from port " + localPort + " to " + remotePort);
    }
}
