package net.sniproxy.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything on 127.0.0.1, in a cgroup of its own: no socket of anybody else can be redirected.
 *
 * @param directory the cgroup
 */
record OwnCgroup(Path directory) implements Place {
    /**
     * Makes the cgroup.
     *
     * @throws IOException if there is no cgroup v2, or it may not be changed; the message says which
     */
    static OwnCgroup make() throws IOException {
        Path root = Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1]))
                .findFirst()
                .orElseThrow(
                        () -> new IOException("no cgroup v2 is mounted: mount -t cgroup2 none /sys/fs/cgroup/unified"));
        Path directory =
                root.resolve("sni-proxy-bench-" + ProcessHandle.current().pid());
        try {
            return new OwnCgroup(Files.createDirectory(directory));
        } catch (IOException e) {
            throw new IOException("a cgroup cannot be made in " + root + ": run as root", e);
        }
    }

    @Override
    public List<String> prefix(Role role) {
        return List.of("sh", "-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"", directory.toString());
    }

    @Override
    public String address(Role role) {
        return ThisHost.LOOPBACK;
    }

    @Override
    public void close() throws IOException {
        // Its processes have ended, and are about to be forgotten.
        Retry.until(() -> directory.toFile().delete() || !Files.exists(directory), "the removal of " + directory);
    }
}
