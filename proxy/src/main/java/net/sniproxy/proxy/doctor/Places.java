package net.sniproxy.proxy.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfFileSystem;
import net.sniproxy.bpf.KernelFacts;

/** Whether places in the kernel's file systems are there, and are this process's to use. */
final class Places {
    private final KernelFacts facts;
    private final Area area;

    /** @param area of all findings */
    Places(KernelFacts facts, Area area) {
        this.facts = facts;
        this.area = area;
    }

    /** A directory for pins, which the proxy makes if it may. */
    Finding pins(String name, Path directory) {
        List<Path> mounts = facts.mounts("bpf");
        Path usual = BpfFileSystem.USUAL_PLACE;
        Optional<Path> mount = mounts.stream().filter(directory::startsWith).findFirst();
        if (mount.isEmpty()) {
            Path missing = directory.startsWith(usual) ? usual : directory;
            return Finding.limited(
                    area,
                    name,
                    directory + " is in no BPF file system"
                            + (mounts.isEmpty() ? "" : "; one is mounted at " + mounts.getFirst()),
                    "connections in the kernel end with the proxy"
                            + (missing.equals(usual) ? ", unless it may mount one itself" : ""),
                    "mount -t bpf bpf " + missing);
        }
        if (facts.mayWrite(directory) || facts.mayWrite(mount.get())) {
            return Finding.ok(area, name, directory + ", mounted");
        }
        return Finding.limited(
                area,
                name,
                directory + ", mounted, but not for this user",
                "connections in the kernel end with the proxy",
                "chmod o+x " + mount.get() + " && install -d -m 700 -o " + System.getProperty("user.name") + " "
                        + directory);
    }

    /**
     * A cgroup whose sockets take part in sockmap.
     *
     * @param directory empty: the root of the hierarchy
     */
    Finding cgroup(String name, Optional<Path> directory) {
        List<Path> mounts = facts.mounts("cgroup2");
        if (mounts.isEmpty()) {
            return Finding.missing(
                    area,
                    name,
                    "no cgroup v2 is mounted",
                    "sockmap needs it",
                    "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified");
        }
        Path wanted = directory.orElse(mounts.getFirst());
        if (mounts.stream().noneMatch(wanted::startsWith)) {
            return Finding.missing(
                    area, name, wanted + " is no cgroup v2", "these are mounted at " + mounts.getFirst(), "");
        }
        return directory.isEmpty() || facts.isDirectory(wanted)
                ? Finding.ok(area, name, wanted.toString())
                : Finding.missing(area, name, wanted + " is not there", "sockmap needs it", "mkdir " + wanted);
    }
}
