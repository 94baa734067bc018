package net.sniproxy.proxy.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where proxies have their admin sockets: one for each process, so that two on one host do not meet. */
public final class AdminSockets {
    private static final Path SYSTEM = Path.of("/run/sni-proxy");
    private static final String SUFFIX = ".sock";

    private AdminSockets() {}

    /** Where this process has its socket unless the configuration says otherwise. */
    static Path ofThisProcess() {
        return directory().resolve(ProcessHandle.current().pid() + SUFFIX);
    }

    /**
     * The sockets of proxies that run under this user.
     *
     * @throws AdminException if the directory cannot be read
     */
    static List<Path> running() throws AdminException {
        Path directory = directory();
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .filter(AdminSockets::answers)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AdminException(directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether a process listens there. */
    static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    private static Path directory() {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        boolean root = "root".equals(System.getProperty("user.name"));
        return root || runtime == null || runtime.isEmpty() ? SYSTEM : Path.of(runtime, "sni-proxy");
    }
}
