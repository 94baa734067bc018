package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything on 127.0.0.1, in a cgroup (version 2) of the test's own: the test's process moves into it, and what it starts is
 * born there. Closing moves all back and removes the cgroup. Needs root.
 */
public final class CgroupSite implements Site {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private static final Duration LEFT = Duration.ofSeconds(10);

    private final Path parent;
    private final Path cgroup;
    /** For a test that is stopped before it closes this. */
    private final Thread removal = new Thread(this::remove);

    /** Makes the cgroup and moves the test into it. */
    public CgroupSite() {
        try {
            parent = current();
            cgroup = Files.createDirectory(
                    root().resolve("sni-e2e-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet()));
            Runtime.getRuntime().addShutdownHook(removal);
            move(cgroup, ProcessHandle.current().pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no cgroup2 file system: mount -t cgroup2 none /mnt"));
    }

    private static String ownPath() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> line.substring("0::/".length()))
                .findFirst()
                .orElseThrow();
    }

    private static void move(Path to, long pid) throws IOException {
        Files.writeString(to.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** The cgroup that the test is in, as a path of the file system. */
    public static Path current() {
        try {
            return root().resolve(ownPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public InetAddress proxyAddress() {
        return InetAddress.ofLiteral("127.0.0.1");
    }

    @Override
    public InetAddress backEndAddress() {
        return InetAddress.ofLiteral("127.0.0.1");
    }

    @Override
    public List<String> prefix() {
        return List.of();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(removal);
        remove();
    }

    private void remove() {
        // A process that is just ending can neither be moved nor counts as gone.
        Await.until(() -> "the removal of " + cgroup, LEFT, this::isRemoved);
    }

    private boolean isRemoved() {
        try {
            for (String pid : Files.readAllLines(cgroup.resolve("cgroup.procs"))) {
                move(parent, Long.parseLong(pid));
            }
            Files.delete(cgroup);
            return true;
        } catch (IOException stillInUse) {
            // Or a process ended after it was listed, before it was moved.
            return !Files.exists(cgroup);
        }
    }
}
