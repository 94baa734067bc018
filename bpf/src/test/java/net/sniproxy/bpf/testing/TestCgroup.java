package net.sniproxy.bpf.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.sniproxy.bpf.KernelFacts;

/** A cgroup (version 2) of the test's own; closing moves its processes back to the parent and removes it. */
public final class TestCgroup implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final Path directory;
    private final Thread removal = new Thread(this::remove);

    private TestCgroup(Path directory) {
        this.directory = directory;
    }

    public static TestCgroup create() {
        List<Path> mounts = KernelFacts.running().mounts("cgroup2");
        if (mounts.isEmpty()) {
            throw new AssertionError("no cgroup2 file system is mounted: mount -t cgroup2 none /sys/fs/cgroup/unified");
        }
        try {
            TestCgroup made = new TestCgroup(Files.createDirectory(mounts.getFirst()
                    .resolve("sni-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet())));
            Runtime.getRuntime().addShutdownHook(made.removal);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path directory() {
        return directory;
    }

    /** Moves a process into the cgroup. */
    public void add(ProcessHandle process) {
        write(directory, process.pid());
    }

    /** The command line that runs a program in this cgroup from its first instruction on. */
    public List<String> command(String... command) {
        List<String> whole = new ArrayList<>(
                List.of("sh", "-c", "echo $$ > \"$0\"/cgroup.procs && exec \"$@\"", directory.toString()));
        whole.addAll(List.of(command));
        return whole;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(removal);
        remove();
    }

    /** A process that ends meanwhile cannot be moved any more, and may keep the cgroup busy for a moment. */
    private void remove() {
        Eventually.holds(() -> {
            try {
                for (String pid : Files.readAllLines(directory.resolve("cgroup.procs"))) {
                    write(directory.getParent(), Long.parseLong(pid));
                }
                Files.delete(directory);
            } catch (IOException | UncheckedIOException busy) {
                throw new AssertionError("cannot remove " + directory, busy);
            }
        });
    }

    private static void write(Path cgroup, long pid) {
        try {
            Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(pid));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move process " + pid + " to " + cgroup, e);
        }
    }
}
