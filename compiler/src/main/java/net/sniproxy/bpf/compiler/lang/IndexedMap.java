package net.sniproxy.bpf.compiler.lang;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A map with the keys 0 to n − 1, whose entries always exist.
 *
 * @param <V> the value
 */
public abstract sealed class IndexedMap<V> permits BpfArray, BpfPerCpuArray {
    private final Supplier<V> zero;
    private final List<V> values = new ArrayList<>();

    IndexedMap(int maxEntries, Supplier<V> zero) {
        this.zero = zero;
        for (int i = 0; i < maxEntries; i++) {
            values.add(zero.get());
        }
    }

    /**
     * The live value, or null when there is no such index. The verifier wants the null check even for a constant index.
     *
     * @param index the key, unsigned
     */
    @Helper(1)
    public @Nullable V lookup(@ByAddress int index) {
        return index < 0 || index >= values.size() ? null : values.get(index);
    }

    /** What the stand-in holds, live; for tests. */
    public final List<V> values() {
        return values;
    }

    /** Sets all values of the stand-in to zero; for tests. */
    public final void clear() {
        values.replaceAll(old -> zero.get());
    }
}
