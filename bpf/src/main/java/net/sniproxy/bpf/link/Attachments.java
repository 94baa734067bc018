package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/** Tells what is attached where, whoever attached it. Owner of the offsets of BPF_PROG_QUERY. */
public final class Attachments {
    private static final int QUERY_SIZE = 64;
    private static final int TARGET = 0;
    private static final int ATTACH_TYPE = 4;
    private static final int PROGRAM_IDS = 16;
    private static final int PROGRAM_COUNT = 24;
    private static final int MAX_PROGRAMS = 1024;

    // struct for BPF_LINK_GET_NEXT_ID
    private static final int START_ID = 0;
    private static final int NEXT_ID = 4;
    private static final int ID_SIZE = 12;

    private Attachments() {}

    /**
     * A program somewhere.
     *
     * @param where how it is attached: "XDP NATIVE", "TCX INGRESS", "clsact EGRESS", "CGROUP_SOCK_OPS" …
     * @param programId its id
     * @param programName its first 15 characters; empty if it is gone since
     */
    public record Attached(String where, int programId, String programName) {}

    /** All links of the system, in the order in which they were made. Those that come or vanish meanwhile may be left out. */
    public static List<LinkInfo> links(Kernel kernel) {
        List<LinkInfo> links = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, ID_SIZE);
            int result = kernel.tryBpf(BpfCommand.BPF_LINK_GET_NEXT_ID, attributes.memory());
            while (result >= 0) {
                int id = attributes.getInt(NEXT_ID);
                ifPresent(() -> {
                    try (Link link = Link.byId(kernel, id)) {
                        links.add(link.info());
                    }
                });
                attributes.putInt(START_ID, id);
                result = kernel.tryBpf(BpfCommand.BPF_LINK_GET_NEXT_ID, attributes.memory());
            }
            if (!Errno.ENOENT.is(result)) {
                throw kernel.failure(BpfCommand.BPF_LINK_GET_NEXT_ID, "links", result);
            }
        }
        return links;
    }

    /**
     * The programs on an interface: XDP, TCX, clsact.
     *
     * @param index the interface in the calling thread's network namespace
     * @throws BpfException ENODEV if there is no such interface
     */
    public static List<Attached> onInterface(Kernel kernel, int index) {
        List<Attached> found = new ArrayList<>();
        try (RouteSocket socket = RouteSocket.open(kernel)) {
            socket.xdp(index).ifPresent(xdp -> found.add(attached(kernel, "XDP " + xdp.mode(), xdp.programId())));
            for (Direction direction : Direction.values()) {
                query(kernel, index, direction.attachType(), "interface " + index)
                        .forEach(id -> found.add(attached(kernel, "TCX " + direction, id)));
                socket.filters(index, direction)
                        .forEach(filter -> found.add(attached(kernel, "clsact " + direction, filter.programId())));
            }
        }
        return found;
    }

    /**
     * The links that hold the XDP program of an interface: none if it was attached without one, as {@code ip link} does. More than one
     * where an interface of the same index, in another network namespace, runs the same program; the kernel does not tell them
     * apart. Needs CAP_SYS_ADMIN. Linux 5.9.
     *
     * @param index the interface in the calling thread's network namespace
     * @throws BpfException ENODEV if there is no such interface; EPERM without the privilege
     */
    public static List<LinkInfo> xdpLinks(Kernel kernel, int index) {
        return Xdp.attached(kernel, index).stream()
                .flatMap(xdp -> links(kernel).stream()
                        .filter(link -> link.programId() == xdp.programId()
                                && link.target().equals(new LinkInfo.Target.Interface(index))))
                .toList();
    }

    /**
     * The programs of a cgroup itself, without those of the cgroups above it.
     *
     * @throws BpfException ENOENT if there is no such directory; EBADF if it is no cgroup of version 2
     */
    public static List<Attached> onCgroup(Kernel kernel, Path directory) {
        List<Attached> found = new ArrayList<>();
        try (Descriptor cgroup = Cgroups.open(kernel, directory)) {
            for (AttachType type : List.of(
                    AttachType.CGROUP_SOCK_OPS,
                    AttachType.CGROUP_INET4_CONNECT,
                    AttachType.CGROUP_INET6_CONNECT,
                    AttachType.CGROUP_SETSOCKOPT,
                    AttachType.CGROUP_INET_INGRESS,
                    AttachType.CGROUP_INET_EGRESS)) {
                query(kernel, cgroup.number(), type, "cgroup " + directory)
                        .forEach(id -> found.add(attached(kernel, type.name(), id)));
            }
        }
        return found;
    }

    /** The SK_MSG program of a map of sockets. Linux 5.16. */
    public static List<Attached> onSockmap(Kernel kernel, BpfMap map) {
        AttachType type = AttachType.SK_MSG_VERDICT;
        return query(kernel, map.descriptor().number(), type, map.label()).stream()
                .map(id -> attached(kernel, type.name(), id))
                .toList();
    }

    private static List<Integer> query(Kernel kernel, int target, AttachType type, String where) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ids = arena.allocate(ValueLayout.JAVA_INT, MAX_PROGRAMS);
            Attributes attributes = Attributes.of(arena, QUERY_SIZE)
                    .putInt(TARGET, target)
                    .putInt(ATTACH_TYPE, type.number())
                    .putAddress(PROGRAM_IDS, ids)
                    .putInt(PROGRAM_COUNT, MAX_PROGRAMS);
            int result = kernel.tryBpf(BpfCommand.BPF_PROG_QUERY, attributes.memory());
            // ENOENT: nothing was ever attached there; EINVAL: this kernel attaches nothing of this type.
            if (Errno.ENOENT.is(result) || Errno.EINVAL.is(result)) {
                return List.of();
            }
            if (result < 0) {
                throw kernel.failure(BpfCommand.BPF_PROG_QUERY, type + " on " + where, result);
            }
            List<Integer> programs = new ArrayList<>();
            for (int i = 0; i < attributes.getInt(PROGRAM_COUNT); i++) {
                programs.add(ids.getAtIndex(ValueLayout.JAVA_INT, i));
            }
            return programs;
        }
    }

    private static Attached attached(Kernel kernel, String where, int programId) {
        StringBuilder name = new StringBuilder();
        ifPresent(() -> {
            try (Program program = Program.byId(kernel, programId)) {
                name.append(program.info().name());
            }
        });
        return new Attached(where, programId, name.toString());
    }

    /** Runs what fails with ENOENT if the object vanished between two calls, and with EAGAIN if it is a link in the making. */
    private static void ifPresent(Runnable action) {
        try {
            action.run();
        } catch (BpfException failure) {
            if (!failure.errno().equals(Errno.ENOENT) && !failure.errno().equals(Errno.EAGAIN)) {
                throw failure;
            }
        }
    }
}
