package net.sniproxy.bpf.compiler;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * CRC-32 of class files. A jar has them in its directory, so packed class files are not even read; others are. For one
 * thread.
 */
final class ClassFileSums implements AutoCloseable {
    private final ClassLoader loader;
    private final List<ZipFile> jars = new ArrayList<>();
    private final Map<String, OptionalInt> known = new HashMap<>();

    /** Those that this class's loader finds; fast for those in the same jar and in the compiler's. */
    ClassFileSums(Class<?> type) {
        loader = Objects.requireNonNullElse(type.getClassLoader(), ClassLoader.getSystemClassLoader());
        try {
            Optional<Path> own = place(type);
            Optional<Path> language = place(ClassFileSums.class);
            open(own);
            if (!language.equals(own)) {
                open(language);
            }
        } catch (IOException | URISyntaxException | IllegalArgumentException _) {
            // Not a jar that can be opened as a file: the loader finds what is in it.
        }
    }

    private static Optional<Path> place(Class<?> type) throws URISyntaxException {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null || source.getLocation() == null
                ? Optional.empty()
                : Optional.of(Path.of(source.getLocation().toURI()));
    }

    private void open(Optional<Path> place) throws IOException {
        if (place.isPresent() && Files.isRegularFile(place.get())) {
            jars.add(new ZipFile(place.get().toFile()));
        }
    }

    /**
     * The sum of a class file.
     *
     * @param internalName such as {@code java/lang/Integer}
     * @return empty if there is no such file
     */
    OptionalInt of(String internalName) {
        return known.computeIfAbsent(internalName + ".class", this::sum);
    }

    private OptionalInt sum(String file) {
        for (ZipFile jar : jars) {
            ZipEntry entry = jar.getEntry(file);
            if (entry != null) {
                return OptionalInt.of((int) entry.getCrc());
            }
        }
        try (InputStream in = loader.getResourceAsStream(file)) {
            if (in == null) {
                return OptionalInt.empty();
            }
            CRC32 sum = new CRC32();
            sum.update(in.readAllBytes());
            return OptionalInt.of((int) sum.getValue());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read class file " + file, e);
        }
    }

    @Override
    public void close() {
        try {
            for (ZipFile jar : jars) {
                jar.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
