package net.sniproxy.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The file system in which maps, programs and links are pinned, so that they survive the process. One mount of it is
 * all a machine needs; systemd makes it, small systems and containers often do not.
 */
public final class BpfFileSystem {
    /** Where everyone expects it. */
    public static final Path USUAL_PLACE = Path.of("/sys/fs/bpf");

    private BpfFileSystem() {}

    /**
     * The mount to pin in: the one at {@link #USUAL_PLACE}, else the first there is, else a new one at the usual place.
     *
     * @throws BpfException if there is none and this process may not mount
     */
    public static Path findOrMount(Kernel kernel) {
        List<Path> mounts = kernel.facts().mounts("bpf");
        if (mounts.contains(USUAL_PLACE)) {
            return USUAL_PLACE;
        }
        if (!mounts.isEmpty()) {
            return mounts.getFirst();
        }
        mount(kernel, USUAL_PLACE);
        return USUAL_PLACE;
    }

    /**
     * Mounts a BPF file system on a directory, which is made if it is missing.
     *
     * @throws BpfException if the kernel refuses
     */
    public static void mount(Kernel kernel, Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + directory, e);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment type = arena.allocateFrom("bpf");
            MemorySegment target = arena.allocateFrom(directory.toString());
            int result = kernel.calls().mount(type, target, type, 0);
            kernel.check("mount", "BPF file system at " + directory, result);
        }
    }

    /**
     * Takes the mount away; pins in it are gone with it.
     *
     * @throws BpfException if the kernel refuses
     */
    public static void unmount(Kernel kernel, Path directory) {
        try (Arena arena = Arena.ofConfined()) {
            int result = kernel.calls().unmount(arena.allocateFrom(directory.toString()), 0);
            kernel.check("umount2", "BPF file system at " + directory, result);
        }
    }
}
