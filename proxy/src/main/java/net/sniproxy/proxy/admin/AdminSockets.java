package net.sniproxy.proxy.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where proxies have their admin sockets: one for each process, so that two on one host do not meet. */
public final class AdminSockets {
    private static final Logger LOG = LoggerFactory.getLogger(AdminSockets.class);
    private static final Path SYSTEM = Path.of("/run/sni-proxy");
    private static final String SUFFIX = ".sock";
    private static final Pattern OF_PROCESS = Pattern.compile("(\\d{1,18})\\.sock");
    /** Belongs to the user whom this process is now. */
    private static final Path SELF = Path.of("/proc/self");

    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

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

    /**
     * Removes the sockets of processes that were killed, as far as they are certain to be that: of this user, named after a process
     * that is no more, and nobody listens there.
     */
    static void removeDead(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(AdminSockets::isDead).forEach(AdminSockets::remove);
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("admin sockets that were left in {} stay", directory, e);
        }
    }

    private static boolean isDead(Path file) {
        Matcher name = OF_PROCESS.matcher(file.getFileName().toString());
        try {
            return name.matches()
                    && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
                    && isOwnSocket(file)
                    && refuses(file);
        } catch (IOException e) {
            // Removed since, or in the hands of somebody else.
            return false;
        }
    }

    private static boolean isOwnSocket(Path file) throws IOException {
        int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        Object owner = Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return (mode & S_IFMT) == S_IFSOCK && owner.equals(Files.getAttribute(SELF, "unix:uid"));
    }

    /** A process that is stopped, or too busy to accept, does not refuse; and nobody waits for it here. */
    private static boolean refuses(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return false;
        } catch (ConnectException refused) {
            return true;
        }
    }

    private static void remove(Path socket) {
        try {
            Files.deleteIfExists(socket);
            LOG.debug("removed {}, whose process is no more", socket);
        } catch (IOException e) {
            LOG.debug("{}, whose process is no more, stays", socket, e);
        }
    }

    private static Path directory() {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        boolean root = "root".equals(System.getProperty("user.name"));
        return root || runtime == null || runtime.isEmpty() ? SYSTEM : Path.of(runtime, "sni-proxy");
    }
}
