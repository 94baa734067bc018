package net.sniproxy.bench;

import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.kernel.KernelPrograms;

/** Compiles and loads all kernel programs once in a fresh JVM and prints how long that took. Needs root. */
public final class ColdStart {
    private static final double NANOS_PER_MILLI = 1e6;

    private ColdStart() {}

    /** The command. */
    public static void main(String[] arguments) {
        long start = System.nanoTime();
        ObjectSpec spec =
                Compiler.compile(CompileOptions.defaults(), KernelPrograms.all().toArray(Class<?>[]::new));
        long compiled = System.nanoTime();
        LoadedObject.load(Kernel.running(), spec).close();
        long loaded = System.nanoTime();
        System.out.printf(
                "compile %.0f ms, load %.0f ms, together %.0f ms%n",
                (compiled - start) / NANOS_PER_MILLI,
                (loaded - compiled) / NANOS_PER_MILLI,
                (loaded - start) / NANOS_PER_MILLI);
    }
}
