package net.sniproxy.proxy.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import net.sniproxy.proxy.user.ServiceUser;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy will be able to do with files: as this process, or as the user that it is going to become. Another user is
 * judged by owners and permission bits; access control lists are not looked at.
 *
 * @param user empty: the proxy stays who this process is
 */
record FileAccess(Optional<ServiceUser> user) {
    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int PASS = 1;

    /** Whether a file is there and can be read. */
    boolean mayRead(Path file) {
        Path path = file.toAbsolutePath();
        return Files.isReadable(path) && reaches(path) && allows(path, READ);
    }

    /** Whether a file can be opened for writing, which makes it and its folders where they are missing. */
    boolean mayWrite(Path file) {
        Path path = file.toAbsolutePath();
        return Files.exists(path)
                ? !Files.isDirectory(path) && Files.isWritable(path) && reaches(path) && allows(path, WRITE)
                : mayMakeIn(path.getParent());
    }

    /** Whether a file can be replaced by a new one of its name. */
    boolean mayReplace(Path file) {
        return !Files.isDirectory(file) && mayMakeIn(file.toAbsolutePath().getParent());
    }

    /** Whether files can be made in a folder, which is made itself where it is missing. */
    private boolean mayMakeIn(@Nullable Path folder) {
        Path existing = folder;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing != null
                && Files.isDirectory(existing)
                && Files.isWritable(existing)
                && reaches(existing)
                && allows(existing, WRITE | PASS);
    }

    /** Whether all folders above let pass. */
    private boolean reaches(Path path) {
        for (Path above = path.getParent(); above != null; above = above.getParent()) {
            if (!allows(above, PASS)) {
                return false;
            }
        }
        return true;
    }

    private boolean allows(Path path, int wanted) {
        return user.map(one -> (bits(one, path) & wanted) == wanted).orElse(true);
    }

    /** The three permission bits that the kernel goes by for a user; none for what cannot be looked at. */
    private static int bits(ServiceUser user, Path path) {
        try {
            int mode = attribute(path, "mode");
            if (attribute(path, "uid") == user.id()) {
                return mode >> 6 & 7;
            }
            return (user.isIn(attribute(path, "gid")) ? mode >> 3 : mode) & 7;
        } catch (IOException e) {
            return 0;
        }
    }

    private static int attribute(Path path, String name) throws IOException {
        return (int) Files.getAttribute(path, "unix:" + name, new LinkOption[0]);
    }
}
