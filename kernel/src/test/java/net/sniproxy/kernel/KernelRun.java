package net.sniproxy.kernel;

import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.TestResult;
import net.sniproxy.bpf.program.TestRun;

/** Programs of this module in the running kernel, with maps that are small enough for a test. */
final class KernelRun implements AutoCloseable {
    private static final int ETHERNET = 14;
    private static final int TYPE = 12;

    private final LoadedObject object;

    private KernelRun(LoadedObject object) {
        this.object = object;
    }

    static KernelRun of(Class<?>... programs) {
        return new KernelRun(
                LoadedObject.load(Kernel.running(), Compiler.compile(CompileOptions.defaults(), programs)));
    }

    static KernelRun of(List<Class<?>> programs) {
        return of(programs.toArray(Class<?>[]::new));
    }

    /** The kernel test-runs no packet without its IP header, and none that ends with the Ethernet header. */
    static int shortest(byte[] frame) {
        int type = (frame[TYPE] & 0xff) << 8 | frame[TYPE + 1] & 0xff;
        return ETHERNET
                + switch (type) {
                    case Frames.IPV4 -> 20;
                    case Frames.IPV6 -> 40;
                    default -> 1;
                };
    }

    LoadedObject object() {
        return object;
    }

    TestResult run(String program, byte[] frame) {
        return run(program, TestRun.onPacket(frame));
    }

    TestResult run(String program, TestRun test) {
        return object.program(program).run(test);
    }

    <K, V> TypedMap<K, V> map(String name, Codec<K> keys, Codec<V> values) {
        return TypedMap.of(object.map(name), keys, values);
    }

    @Override
    public void close() {
        object.close();
    }
}
