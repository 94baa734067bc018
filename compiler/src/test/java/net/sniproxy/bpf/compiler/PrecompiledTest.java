package net.sniproxy.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.sniproxy.bpf.compiler.sample.Idioms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images beside class files in a folder and in a jar. */
class PrecompiledTest {
    private static final String INNER_FILE = Idioms.class.getName().replace('.', '/') + "$Inner.class";

    @TempDir
    Path directory;

    @Test
    void shouldBeFoundBesideTheClassFiles() throws Exception {
        Path classes = copyOfClasses();
        try (URLClassLoader loader = loader(classes)) {
            Class<?> type = loader.loadClass(Idioms.class.getName());
            assertThat(Precompiled.find(options(loader), type)).isEmpty();

            assertThat(Precompiled.write(classes, List.of(type))).isEqualTo(1);

            assertThat(Precompiled.find(options(loader), type)).contains(Compiler.compile(options(loader), type));
        }
    }

    @Test
    void shouldBeFoundInAJar() throws Exception {
        Path jar = pack(withImage(copyOfClasses()));
        try (URLClassLoader loader = loader(jar)) {
            Class<?> type = loader.loadClass(Idioms.class.getName());

            assertThat(Precompiled.find(options(loader), type)).contains(Compiler.compile(options(loader), type));
        }
    }

    @Test
    void shouldNotFitIfAClassThatWasCompiledIntoItHasChanged() throws Exception {
        Path classes = withImage(copyOfClasses());
        Files.write(classes.resolve(INNER_FILE), new byte[1], StandardOpenOption.APPEND);

        for (Path place : List.of(classes, pack(classes))) {
            try (URLClassLoader loader = loader(place)) {
                Class<?> type = loader.loadClass(Idioms.class.getName());
                assertThat(Precompiled.find(options(loader), type)).isEmpty();
            }
        }
    }

    private static CompileOptions options(ClassLoader loader) {
        return CompileOptions.defaults().withSources(SourceText.ofResources(loader));
    }

    private Path withImage(Path classes) throws Exception {
        try (URLClassLoader loader = loader(classes)) {
            Precompiled.write(classes, List.of(loader.loadClass(Idioms.class.getName())));
        }
        return classes;
    }

    /** Idioms and its nested classes, in a folder of the test's own. */
    private Path copyOfClasses() throws IOException {
        Path classes = directory.resolve("classes");
        Path from = Path.of(Objects.requireNonNull(Idioms.class.getResource("Idioms.class"))
                        .getPath())
                .getParent();
        Path to = Files.createDirectories(
                classes.resolve(Idioms.class.getPackageName().replace('.', '/')));
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("Idioms")) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
        return classes;
    }

    private Path pack(Path classes) throws IOException {
        Path jar = directory.resolve("packed.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                try (InputStream in = Files.newInputStream(file)) {
                    in.transferTo(out);
                }
            }
        }
        return jar;
    }

    /** Takes these classes before those of the test. */
    private static URLClassLoader loader(Path place) throws IOException {
        return new URLClassLoader(new URL[] {place.toUri().toURL()}, PrecompiledTest.class.getClassLoader()) {
            @Override
            public Class<?> loadClass(String name) throws ClassNotFoundException {
                if (!name.startsWith(Idioms.class.getName())) {
                    return super.loadClass(name);
                }
                Class<?> known = findLoadedClass(name);
                return known != null ? known : findClass(name);
            }

            @Override
            public URL getResource(String name) {
                URL own = findResource(name);
                return own != null ? own : super.getResource(name);
            }
        };
    }
}
