package net.sniproxy.bpf.compiler.lang;

import java.util.Map;
import net.sniproxy.bpf.spec.MapType;

/**
 * A hash map that evicts entries not used lately when it is full (and, in the kernel, somewhat earlier). Since Linux 4.10.
 *
 * @param <K> the key
 * @param <V> the value
 */
@MapClass(MapType.LRU_HASH)
public final class BpfLruHash<K, V> extends KeyedMap<K, V> {
    private BpfLruHash(int maxEntries) {
        super(maxEntries);
    }

    /** An empty stand-in that evicts its oldest entry when {@code maxEntries} are there. */
    public static <K, V> BpfLruHash<K, V> of(int maxEntries) {
        return new BpfLruHash<>(maxEntries);
    }

    @Override
    boolean makeRoom(Map<K, V> full) {
        full.remove(full.keySet().iterator().next());
        return true;
    }
}
