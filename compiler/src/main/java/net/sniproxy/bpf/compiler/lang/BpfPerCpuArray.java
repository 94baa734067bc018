package net.sniproxy.bpf.compiler.lang;

import java.util.function.Supplier;
import net.sniproxy.bpf.spec.MapType;

/**
 * An array of which every CPU has its own copy: a program counts without atomics, user space adds the copies up. Since
 * Linux 4.6. On the JVM there is one CPU.
 *
 * @param <V> the value
 */
@MapClass(MapType.PERCPU_ARRAY)
public final class BpfPerCpuArray<V> extends IndexedMap<V> {
    private BpfPerCpuArray(int maxEntries, Supplier<V> zero) {
        super(maxEntries, zero);
    }

    /** A stand-in of {@code maxEntries} zero values. */
    public static <V> BpfPerCpuArray<V> of(int maxEntries, Supplier<V> zero) {
        return new BpfPerCpuArray<>(maxEntries, zero);
    }
}
