package net.sniproxy.e2e.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary directory that processes of every user can read; deleted with all in it on close. */
public record Workspace(Path directory) implements AutoCloseable {

    /** Makes one. */
    public static Workspace create() {
        try {
            Path directory = Files.createTempDirectory("sni-proxy-e2e-");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            return new Workspace(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A path in it. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** A new directory in it. */
    public Path directory(String name) {
        try {
            return Files.createDirectories(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a text file. */
    public Path write(String name, String text) {
        try {
            return Files.writeString(path(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies the proxy's class path here, for users who may not read the directories of the build. */
    public String copyOfClassPath() {
        List<String> copies = new ArrayList<>();
        for (String entry : ProxyProcess.classPath().split(File.pathSeparator)) {
            if (!Files.exists(Path.of(entry))) {
                continue; // A module without classes.
            }
            Path copy = path("class-path-" + copies.size() + (entry.endsWith(".jar") ? ".jar" : ""));
            copyTree(Path.of(entry), copy);
            copies.add(copy.toString());
        }
        return String.join(File.pathSeparator, copies);
    }

    private static void copyTree(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes it, once. */
    @Override
    public void close() {
        if (Files.notExists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
