package net.sniproxy.app;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.elf.ObjectFile;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.kernel.KernelPrograms;

/** Writes the kernel programs as object files, for other loaders than the proxy: libbpf, bpftool. */
final class BpfObjects {
    /** The machines, by the names that compilers have for them. */
    private enum Target {
        LITTLE("bpfel-unknown-none", ByteOrder.LITTLE_ENDIAN),
        BIG("bpfeb-unknown-none", ByteOrder.BIG_ENDIAN);

        private final String triple;
        private final ByteOrder order;

        Target(String triple, ByteOrder order) {
            this.triple = triple;
            this.order = order;
        }
    }

    private BpfObjects() {}

    /**
     * Writes one object for each program and byte order: {@code bpfel-unknown-none/xdp_ip_filter.o} and so on.
     *
     * @return the files, in the order of writing
     * @throws CommandFailure if a file cannot be written
     */
    static List<Path> write(Path folder) {
        CompileOptions options =
                CompileOptions.defaults().withSources(SourceText.ofResources(BpfObjects.class.getClassLoader()));
        List<Path> files = new ArrayList<>();
        for (Class<?> programClass : KernelPrograms.all()) {
            for (Target target : Target.values()) {
                ObjectSpec object = Compiler.compile(options.withByteOrder(target.order), programClass);
                Path file = folder.resolve(target.triple)
                        .resolve(object.programs().getFirst().name() + ".o");
                write(file, ObjectFile.write(object, target.order));
                files.add(file);
            }
        }
        return files;
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + ": " + e, e);
        }
    }
}
