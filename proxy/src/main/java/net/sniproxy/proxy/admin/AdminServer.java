package net.sniproxy.proxy.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin socket: mode 0600, and who connects must be the proxy's user or root besides. Each connection has a thread;
 * there are at most {@link #MOST_CONNECTIONS}. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int MOST_CONNECTIONS = 16;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String OWNER_ONLY = "rw-------";
    private static final String OWNER_ONLY_DIRECTORY = "rwx------";

    private final ServerSocketChannel listener;
    private final Path path;
    /** Who this process is, whether that user has a name or only a number. */
    private final UserPrincipal owner;

    private final Map<String, AdminCommand> commands;
    private final Semaphore free = new Semaphore(MOST_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private AdminServer(
            ServerSocketChannel listener, Path path, UserPrincipal owner, Map<String, AdminCommand> commands) {
        this.listener = listener;
        this.path = path;
        this.owner = owner;
        this.commands = Map.copyOf(commands);
    }

    /**
     * Listens.
     *
     * @param configured where; empty: a place of this process's own, {@code /run/sni-proxy/PID.sock} for root
     * @param commands by name
     * @throws AdminException if it cannot be made there, or another process listens there
     */
    public static AdminServer start(Optional<Path> configured, Map<String, AdminCommand> commands)
            throws AdminException {
        Path path = configured.orElseGet(AdminSockets::ofThisProcess);
        try {
            if (configured.isEmpty()) {
                Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
                Files.createDirectories(
                        directory,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY_DIRECTORY)));
                AdminSockets.removeDead(directory);
            }
            if (AdminSockets.answers(path)) {
                throw new AdminException(
                        path + " is the admin socket of another process: give each its own (admin_socket)");
            }
            AdminServer server = new AdminServer(listen(path), path, Files.getOwner(path), commands);
            Thread.ofPlatform().daemon().name("sni-proxy-admin").start(server::accept);
            return server;
        } catch (IOException | UnsupportedOperationException e) {
            throw new AdminException("no admin socket at " + path + ": " + e.getMessage(), e);
        }
    }

    private static ServerSocketChannel listen(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            // A socket that nobody answers at is left over from a process that was killed; the rest is not ours to
            // remove.
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw new IOException("there is something that is no socket; name another path, or remove it");
            }
            Files.delete(path);
        }
        // Under its name from the moment on that nobody else may open it.
        Path beforehand = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(beforehand);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(beforehand));
            Files.setPosixFilePermissions(beforehand, PosixFilePermissions.fromString(OWNER_ONLY));
            Files.move(beforehand, path, StandardCopyOption.ATOMIC_MOVE);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** Where it listens. */
    public Path path() {
        return path;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                accepted(listener.accept());
            } catch (IOException e) {
                if (listener.isOpen()) {
                    LOG.warn("admin socket: a connection could not be accepted: {}", e.getMessage());
                    // Without descriptors it fails at once, and again.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private void accepted(SocketChannel client) throws IOException {
        if (mayAsk(client) && free.tryAcquire()) {
            open.add(client);
            Thread.ofVirtual().name("sni-proxy-admin-client").start(() -> serve(client));
        } else {
            client.close();
        }
    }

    // Whatever the file system makes of the mode.
    private boolean mayAsk(SocketChannel client) throws IOException {
        UnixDomainPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return peer.user().getName().equals("root") || peer.user().equals(owner);
    }

    private void serve(SocketChannel client) {
        try (client) {
            new AdminSession(client, commands).run();
        } catch (IOException e) {
            LOG.debug("admin socket: a connection ended: {}", e.getMessage());
        } finally {
            open.remove(client);
            free.release();
        }
    }

    /** Stops listening, ends connections and removes the socket. */
    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
            for (SocketChannel client : open) {
                client.close();
            }
        } catch (IOException e) {
            LOG.warn("admin socket: {} could not be removed: {}", path, e.getMessage());
        }
    }
}
