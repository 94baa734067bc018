package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.sys.Descriptor;

/** Attaches programs to cgroups (version 2): what the processes in them do with sockets. */
public final class Cgroups {
    private static final int O_RDONLY_CLOEXEC = 02000000;
    private static final Requirement LINKS = Requirement.of("links for cgroups", 5, 7, "CONFIG_CGROUP_BPF");

    private Cgroups() {}

    /**
     * Attaches a program (SOCK_OPS, CGROUP_SOCKOPT, or CGROUP_SOCK_ADDR for connect) to a cgroup and those below it, beside those that
     * are there.
     *
     * @param directory the cgroup, below one of {@link #mounts}
     * @param type what the program was loaded for
     * @throws net.sniproxy.bpf.BpfException ENOENT if there is no such directory; EBADF if it is no cgroup of version 2
     */
    public static Link attach(Kernel kernel, Program program, Path directory, AttachType type) {
        String where = "cgroup " + directory;
        try (Descriptor cgroup = open(kernel, directory)) {
            return LinkCreation.create(kernel, program, cgroup.number(), type, 0, where, LINKS);
        }
    }

    /** Where cgroups of version 2 are mounted. */
    public static List<Path> mounts(Kernel kernel) {
        return kernel.facts().mounts("cgroup2");
    }

    static Descriptor open(Kernel kernel, Path directory) {
        String what = "cgroup " + directory;
        try (Arena arena = Arena.ofConfined()) {
            int opened = kernel.calls().open(arena.allocateFrom(directory.toString()), O_RDONLY_CLOEXEC, 0);
            kernel.check("openat", what, opened);
            return Descriptor.own(kernel.calls(), opened, what);
        }
    }
}
