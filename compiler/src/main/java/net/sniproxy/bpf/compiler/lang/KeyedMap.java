package net.sniproxy.bpf.compiler.lang;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map with keys of the program's choosing.
 *
 * <p>Keys are {@link Integer} ({@code u32}), {@link Long} ({@code u64}) or records of a struct layout; values are struct
 * classes or cells such as {@link U64}. The JVM's stand-in is not thread-safe.
 *
 * @param <K> the key
 * @param <V> the value
 */
public abstract sealed class KeyedMap<K, V> permits BpfHash, BpfLruHash, BpfLpmTrie {
    private final int maxEntries;
    private final Map<K, V> entries = new LinkedHashMap<>();

    KeyedMap(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    /**
     * The live value, or null: what the program writes to it is in the map at once, on the JVM as in the kernel.
     *
     * @param key the key
     */
    @Helper(1)
    public @Nullable V lookup(K key) {
        return entries.get(key);
    }

    /**
     * Copies a value into the map.
     *
     * @param key the key
     * @param value what to copy
     * @param flags one of {@link UpdateFlags}
     * @return 0, or one of {@link Errno}
     */
    @Helper(2)
    public int update(K key, V value, long flags) {
        boolean present = entries.containsKey(key);
        if (flags == UpdateFlags.NO_EXIST && present) {
            return Errno.EEXIST;
        }
        if (flags == UpdateFlags.EXIST && !present) {
            return Errno.ENOENT;
        }
        if (!present && entries.size() >= maxEntries && !makeRoom(entries)) {
            return Errno.E2BIG;
        }
        entries.put(key, StructCopies.copy(value));
        return 0;
    }

    /**
     * Removes an entry.
     *
     * @param key the key
     * @return 0, or {@link Errno#ENOENT}
     */
    @Helper(3)
    public int delete(K key) {
        return entries.remove(key) == null ? Errno.ENOENT : 0;
    }

    /** What the stand-in holds, live; for tests, kernel programs cannot call it. */
    public final Map<K, V> entries() {
        return entries;
    }

    /** Evicts where the map type does that; {@code false} where a full map refuses. */
    boolean makeRoom(Map<K, V> full) {
        return false;
    }
}
