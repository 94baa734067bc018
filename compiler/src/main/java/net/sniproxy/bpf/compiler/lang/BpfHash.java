package net.sniproxy.bpf.compiler.lang;

import net.sniproxy.bpf.spec.MapType;

/**
 * A hash map, shared by all CPUs. Since Linux 3.19.
 *
 * @param <K> the key
 * @param <V> the value
 */
@MapClass(MapType.HASH)
public final class BpfHash<K, V> extends KeyedMap<K, V> {
    private BpfHash(int maxEntries) {
        super(maxEntries);
    }

    /** An empty stand-in that refuses more than {@code maxEntries} entries. */
    public static <K, V> BpfHash<K, V> of(int maxEntries) {
        return new BpfHash<>(maxEntries);
    }
}
