package net.sniproxy.bpf.compiler.lang;

import net.sniproxy.bpf.spec.MapType;
import org.jspecify.annotations.Nullable;

/**
 * A trie that finds the entry with the longest prefix of a key. Its keys are records that implement {@link PrefixKey}.
 * Since Linux 4.11; {@code BPF_F_NO_PREALLOC} is always set.
 *
 * @param <K> the key
 * @param <V> the value
 */
@MapClass(MapType.LPM_TRIE)
public final class BpfLpmTrie<K extends PrefixKey, V> extends KeyedMap<K, V> {
    private BpfLpmTrie(int maxEntries) {
        super(maxEntries);
    }

    /** An empty stand-in that refuses more than {@code maxEntries} entries. */
    public static <K extends PrefixKey, V> BpfLpmTrie<K, V> of(int maxEntries) {
        return new BpfLpmTrie<>(maxEntries);
    }

    @Override
    @Helper(1)
    public @Nullable V lookup(K key) {
        V found = null;
        int longest = -1;
        for (var entry : entries().entrySet()) {
            K prefix = entry.getKey();
            if (prefix.prefixLength() > longest && contains(prefix, key)) {
                longest = prefix.prefixLength();
                found = entry.getValue();
            }
        }
        return found;
    }

    private static boolean contains(PrefixKey prefix, PrefixKey key) {
        if (prefix.prefixLength() > key.prefixLength()) {
            return false;
        }
        byte[] wanted = prefix.prefixBytes();
        byte[] given = key.prefixBytes();
        for (int bit = 0; bit < prefix.prefixLength(); bit++) {
            int mask = 0x80 >>> bit % 8;
            if (((wanted[bit / 8] ^ given[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
