package net.sniproxy.proxy.datapath.sockmap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Cgroups;

/** Which cgroups (version 2) the enrolling program belongs on. */
final class CgroupTree {
    private static final Path OWN = Path.of("/proc/self/cgroup");
    private static final String VERSION_2 = "0::/";

    private CgroupTree() {}

    /**
     * The cgroup whose sockets take part, and the proxy's own where that is not below it: the program must also see the proxy's
     * sockets.
     *
     * @param configured empty: the root of the hierarchy
     */
    static List<Path> toAttachTo(Kernel kernel, Optional<Path> configured) throws SockmapUnavailableException {
        Optional<Path> mount = Cgroups.mounts(kernel).stream().findFirst();
        if (mount.isEmpty()) {
            throw new SockmapUnavailableException(
                    "no cgroup2 file system is mounted; mount -t cgroup2 none /sys/fs/cgroup/unified");
        }
        Path members = configured.orElse(mount.get()).toAbsolutePath().normalize();
        Path own = own(mount.get());
        return own.startsWith(members) ? List.of(members) : List.of(members, own);
    }

    private static Path own(Path mount) throws SockmapUnavailableException {
        try {
            return Files.readAllLines(OWN).stream()
                    .filter(line -> line.startsWith(VERSION_2))
                    .map(line -> mount.resolve(line.substring(VERSION_2.length())))
                    .findFirst()
                    .orElse(mount);
        } catch (IOException e) {
            throw new SockmapUnavailableException("cannot read " + OWN + ": " + e.getMessage());
        }
    }
}
