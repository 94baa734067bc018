package net.sniproxy.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The file system in which maps, programs and links are pinned, so that they survive the process. One mount of it is
 * all a machine needs; systemd makes it, small systems and containers often do not.
 */
public final class BpfFileSystem {
    /** Where everyone expects it. */
    public static final Path USUAL_PLACE = Path.of("/sys/fs/bpf");

    private BpfFileSystem() {}

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
     * Lets a user without privilege pin in a directory: makes it if it is missing, gives it and all in it to the user, and
     * lets everyone pass (not look) through the directories above it, as far as they are in the BPF file system.
     *
     * @param directory absolute, in a BPF file system; where none is mounted at {@link #USUAL_PLACE}, one is, if that is above it
     * @throws UncheckedIOException if it is in no BPF file system, or root is needed
     * @throws BpfException if the kernel refuses to mount
     */
    public static void giveTo(Kernel kernel, Path directory, int user, int group) {
        List<Path> mounts = kernel.facts().mounts("bpf");
        if (!mounts.contains(USUAL_PLACE) && directory.startsWith(USUAL_PLACE)) {
            mount(kernel, USUAL_PLACE);
            mounts = List.of(USUAL_PLACE);
        }
        Path mount = mounts.stream()
                .filter(directory::startsWith)
                .findFirst()
                .orElseThrow(() -> new UncheckedIOException(new IOException(
                        directory + " is in no BPF file system; mount one: mount -t bpf bpf DIRECTORY")));
        try {
            Files.createDirectories(directory);
            for (int names = mount.getNameCount(); names < directory.getNameCount(); names++) {
                letPass(directory.getRoot().resolve(directory.subpath(0, names)));
            }
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.toList()) {
                    Files.setAttribute(path, "unix:uid", user);
                    Files.setAttribute(path, "unix:gid", group);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give " + directory + " to user " + user, e);
        }
    }

    private static void letPass(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.add(PosixFilePermission.OTHERS_EXECUTE)) {
            Files.setPosixFilePermissions(directory, permissions);
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
