package net.sniproxy.bpf.compiler;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import net.sniproxy.bpf.compiler.image.Image;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;

/**
 * Programs that were compiled when the jar was built. A start uses them instead of compiling when what it would compile is
 * the same: the same class files, byte order, instruction set and no constants. Otherwise it compiles.
 *
 * <p>There is an image beside the class files of each program class for which {@link #write} was called. A program that
 * asks for the kernel's structs has none: what becomes of it depends on the kernel.
 */
public final class Precompiled {
    private static final String FOLDER = "META-INF/ebpf/";

    private Precompiled() {}

    /**
     * What {@link Compiler#compile} gives, from images if they fit. The trace is shown only what is compiled now.
     *
     * @throws CompileException if it must be compiled and cannot be
     */
    public static ObjectSpec compile(CompileOptions options, Class<?>... programClasses) {
        return find(options, programClasses).orElseGet(() -> Compiler.compile(options, programClasses));
    }

    /** The same from images alone; empty if a class has none or it does not fit. */
    public static Optional<ObjectSpec> find(CompileOptions options, Class<?>... programClasses) {
        // An image has the text of the source lines in it; and constants of the configuration are compiled in.
        if (!(options.sources() instanceof PackedSources)
                || !options.constants().isEmpty()) {
            return Optional.empty();
        }
        Map<String, MapSpec> maps = new TreeMap<>();
        List<ProgramSpec> programs = new ArrayList<>();
        for (Class<?> programClass : programClasses) {
            Optional<Image> image = image(programClass);
            if (image.isEmpty() || !fits(image.get(), options, programClass)) {
                return Optional.empty();
            }
            for (MapSpec map : image.get().object().maps()) {
                maps.put(map.name(), options.sized(map));
            }
            programs.addAll(image.get().object().programs());
        }
        return Optional.of(new ObjectSpec(List.copyOf(maps.values()), programs));
    }

    private static Optional<Image> image(Class<?> programClass) {
        try (InputStream in = loader(programClass).getResourceAsStream(file(programClass))) {
            return in == null ? Optional.empty() : Optional.of(Image.of(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file(programClass), e);
        }
    }

    private static boolean fits(Image image, CompileOptions options, Class<?> programClass) {
        if (image.byteOrder() != options.byteOrder() || image.version4() != options.version4()) {
            return false;
        }
        try (ClassFileSums sums = new ClassFileSums(programClass)) {
            for (Map.Entry<String, Integer> file : image.classFiles().entrySet()) {
                if (!sums.of(file.getKey()).equals(OptionalInt.of(file.getValue()))) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Compiles programs of little-endian machines and writes their images, one file for each class.
     *
     * @param root the folder of the class files
     * @return how many images were written
     * @throws CompileException if something cannot be compiled
     */
    public static int write(Path root, List<Class<?>> programClasses) throws IOException {
        int written = 0;
        for (Class<?> programClass : programClasses) {
            Optional<Image> image = compileImage(programClass);
            Path file = root.resolve(file(programClass));
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Files.deleteIfExists(file);
            if (image.isPresent()) {
                Files.write(file, image.get().toBytes());
                written++;
            }
        }
        return written;
    }

    private static Optional<Image> compileImage(Class<?> programClass) {
        AtomicBoolean dependsOnKernel = new AtomicBoolean();
        KernelTypes noticing = (_, _) -> {
            dependsOnKernel.set(true);
            return Optional.of(new KernelTypes.Member(0, Long.BYTES, false));
        };
        CompileOptions options = CompileOptions.defaults()
                .withByteOrder(ByteOrder.LITTLE_ENDIAN)
                .withSources(SourceText.ofResources(loader(programClass)))
                .withKernelTypes(noticing);
        Compiler.Compiled compiled = Compiler.compileNoting(options, programClass);
        if (dependsOnKernel.get()) {
            return Optional.empty();
        }
        Map<String, Integer> classFiles = new TreeMap<>();
        try (ClassFileSums sums = new ClassFileSums(programClass)) {
            for (String name : withEmbedded(compiled.classFiles(), loader(programClass))) {
                classFiles.put(name, sums.of(name).orElseThrow());
            }
        }
        return Optional.of(new Image(options.byteOrder(), options.version4(), classFiles, compiled.object()));
    }

    /** With the classes of structs that are embedded in structs: the compiler sees only their layout. */
    private static Set<String> withEmbedded(Set<String> names, ClassLoader loader) {
        Set<String> all = new TreeSet<>();
        List<String> left = new ArrayList<>(names);
        while (!left.isEmpty()) {
            String name = left.removeLast();
            if (name.startsWith("java/") || !all.add(name)) {
                continue;
            }
            try {
                Class<?> type = Class.forName(name.replace('/', '.'), false, loader);
                for (var field : type.getDeclaredFields()) {
                    if (field.getType().isAnnotationPresent(Struct.class)) {
                        left.add(field.getType().getName().replace('.', '/'));
                    }
                }
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException("compiled, but not found: " + name, e);
            }
        }
        return all;
    }

    private static String file(Class<?> programClass) {
        return FOLDER + programClass.getName() + ".image";
    }

    private static ClassLoader loader(Class<?> type) {
        return Objects.requireNonNullElse(type.getClassLoader(), ClassLoader.getSystemClassLoader());
    }
}
