package net.sniproxy.bench;

import java.util.Arrays;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.compiler.Precompiled;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.kernel.KernelPrograms;

/**
 * Compiles and loads all kernel programs once in a fresh JVM and prints how long that took. Needs root. With the argument
 * {@code anew} it compiles; without, it takes what the build compiled, as the proxy does, and fails where that does not
 * fit.
 */
public final class ColdStart {
    private static final double NANOS_PER_MILLI = 1e6;

    private ColdStart() {}

    /** The command. */
    public static void main(String[] arguments) {
        long start = System.nanoTime();
        Kernel kernel = Kernel.running();
        kernel.calls().prepare();
        boolean anew = Arrays.equals(arguments, new String[] {"anew"});
        CompileOptions options =
                CompileOptions.defaults().withSources(SourceText.ofResources(ColdStart.class.getClassLoader()));
        ObjectSpec spec = anew ? Compiler.compile(options, programs()) : precompiled(options);
        long compiled = System.nanoTime();
        LoadedObject object = LoadedObject.load(kernel, spec);
        long loaded = System.nanoTime();
        object.close();
        System.out.printf(
                "%s %.0f ms, load %.0f ms, together %.0f ms%n",
                anew ? "compile" : "find compiled",
                (compiled - start) / NANOS_PER_MILLI,
                (loaded - compiled) / NANOS_PER_MILLI,
                (loaded - start) / NANOS_PER_MILLI);
    }

    private static ObjectSpec precompiled(CompileOptions options) {
        return Precompiled.find(options, programs())
                .orElseThrow(() -> new IllegalStateException("what the build compiled does not fit"));
    }

    private static Class<?>[] programs() {
        return KernelPrograms.all().toArray(Class<?>[]::new);
    }
}
