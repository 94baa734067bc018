package net.sniproxy.bpf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * What this process holds of the kernel by a descriptor: a map, a program, a link or types. It lives in the kernel as long as
 * anyone holds it: a descriptor, a pin, or another object that uses it. Closing gives up this process's hold only.
 *
 * <p>Safe for use by many threads, except that nothing may use it while or after it is closed.
 */
public abstract class KernelObject implements AutoCloseable {
    // struct for BPF_OBJ_PIN and BPF_OBJ_GET
    private static final int PIN_PATH = 0;
    private static final int PIN_DESCRIPTOR = 8;
    private static final int PIN_SIZE = 16;
    // struct for BPF_OBJ_GET_INFO_BY_FD
    private static final int INFO_DESCRIPTOR = 0;
    private static final int INFO_LENGTH = 4;
    private static final int INFO_ADDRESS = 8;
    private static final int INFO_SIZE = 16;
    // struct for BPF_*_GET_FD_BY_ID
    private static final int ID = 0;
    private static final int NEXT_ID = 4;
    private static final int ID_SIZE = 12;

    /** What a descriptor can stand for, as the links in /proc/self/fd name it. */
    protected enum Kind {
        MAP("bpf-map"),
        PROGRAM("bpf-prog"),
        LINK("bpf-link");

        private final String inode;

        Kind(String inode) {
            this.inode = inode;
        }
    }

    private final Kernel kernel;
    private final Descriptor descriptor;
    private final String label;

    /** @param label kind and name, for messages: "map CONFIG" */
    protected KernelObject(Kernel kernel, Descriptor descriptor, String label) {
        this.kernel = kernel;
        this.descriptor = descriptor;
        this.label = label;
    }

    /** The kernel that it is in. */
    public final Kernel kernel() {
        return kernel;
    }

    /** The descriptor, owned by this. */
    public final Descriptor descriptor() {
        return descriptor;
    }

    /** Kind and name, for messages. */
    public final String label() {
        return label;
    }

    /**
     * Pins it at a path of a BPF file system ({@link BpfFileSystem}), so that it outlives this process.
     *
     * @throws BpfException EEXIST if something is pinned there; EPERM if the path is in another file system
     */
    public final void pin(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, PIN_SIZE)
                    .putStringAddress(PIN_PATH, path.toString())
                    .putInt(PIN_DESCRIPTOR, descriptor.number());
            kernel.bpf(BpfCommand.BPF_OBJ_PIN, attributes.memory(), label + " at " + path);
        }
    }

    /**
     * Opens what is pinned at a path.
     *
     * @throws BpfException ENOENT if nothing is pinned there; EINVAL if it is something else than {@code kind}
     */
    protected static Descriptor openPinned(Kernel kernel, Path path, Kind kind) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, PIN_SIZE).putStringAddress(PIN_PATH, path.toString());
            Descriptor opened = kernel.open(BpfCommand.BPF_OBJ_GET, attributes.memory(), "pin " + path);
            requireKind(opened, path, kind);
            return opened;
        }
    }

    // The kernel opens any kind of pin, and its info calls answer for any kind: only the name of the file tells.
    private static void requireKind(Descriptor opened, Path path, Kind kind) {
        String inode;
        try {
            inode = Files.readSymbolicLink(Path.of("/proc/self/fd/" + opened.number()))
                    .toString();
        } catch (IOException withoutProc) {
            return;
        }
        // Kernels differ in "bpf_link" and "bpf-link".
        String found = inode.substring(inode.indexOf(':') + 1).replace('_', '-');
        if (!found.equals(kind.inode)) {
            opened.close();
            throw new BpfException(
                    BpfCommand.BPF_OBJ_GET.name(),
                    "pin " + path,
                    Errno.EINVAL,
                    "It is a " + found + ", not a " + kind.inode + ".");
        }
    }

    /**
     * Opens an object by the id that the kernel gave it.
     *
     * @throws BpfException ENOENT if there is none of this id
     */
    protected static Descriptor openById(Kernel kernel, BpfCommand command, int id, String label) {
        try (Arena arena = Arena.ofConfined()) {
            return kernel.open(
                    command, Attributes.of(arena, ID_SIZE).putInt(ID, id).memory(), label);
        }
    }

    /**
     * The ids of all objects of a kind at this moment, in ascending order. Needs CAP_SYS_ADMIN. Linux 4.13.
     *
     * @param command the one that gives the next id of this kind
     */
    protected static List<Integer> ids(Kernel kernel, BpfCommand command, String label) {
        List<Integer> ids = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, ID_SIZE);
            int result = kernel.tryBpf(command, attributes.memory());
            while (result >= 0) {
                int id = attributes.getInt(NEXT_ID);
                ids.add(id);
                attributes.putInt(ID, id);
                result = kernel.tryBpf(command, attributes.memory());
            }
            if (!Errno.ENOENT.is(result)) {
                throw kernel.failure(command, label, result);
            }
        }
        return ids;
    }

    /** Fills {@code info}, a struct of this kind of object, with as much as the kernel knows of it. */
    protected static void readInfo(Kernel kernel, Descriptor descriptor, Attributes info, String label) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, INFO_SIZE)
                    .putInt(INFO_DESCRIPTOR, descriptor.number())
                    .putInt(INFO_LENGTH, (int) info.memory().byteSize())
                    .putAddress(INFO_ADDRESS, info.memory());
            kernel.bpf(BpfCommand.BPF_OBJ_GET_INFO_BY_FD, attributes.memory(), label);
        }
    }

    /** Gives up this process's hold. A second call does nothing. */
    @Override
    public void close() {
        descriptor.close();
    }

    @Override
    public String toString() {
        return label;
    }
}
