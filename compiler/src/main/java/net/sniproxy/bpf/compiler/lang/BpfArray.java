package net.sniproxy.bpf.compiler.lang;

import java.util.function.Supplier;
import net.sniproxy.bpf.spec.MapType;

/**
 * An array shared by all CPUs. Since Linux 3.19.
 *
 * @param <V> the value
 */
@MapClass(MapType.ARRAY)
public final class BpfArray<V> extends IndexedMap<V> {
    private BpfArray(int maxEntries, Supplier<V> zero) {
        super(maxEntries, zero);
    }

    /** A stand-in of {@code maxEntries} zero values. */
    public static <V> BpfArray<V> of(int maxEntries, Supplier<V> zero) {
        return new BpfArray<>(maxEntries, zero);
    }
}
