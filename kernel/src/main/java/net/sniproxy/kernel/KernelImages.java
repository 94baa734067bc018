package net.sniproxy.kernel;

import java.io.IOException;
import java.nio.file.Path;
import net.sniproxy.bpf.compiler.Precompiled;

/** Part of the build: compiles the kernel programs and puts what becomes of them beside their class files. */
final class KernelImages {
    private KernelImages() {}

    /** The command: its argument is the folder of the class files. */
    public static void main(String[] arguments) throws IOException {
        Precompiled.write(Path.of(arguments[0]), KernelPrograms.all());
    }
}
