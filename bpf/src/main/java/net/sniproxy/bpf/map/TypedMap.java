package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.sys.BpfCommand;

/**
 * A map with keys and values as Java objects: HASH, LRU_HASH, ARRAY or LPM_TRIE. Where the objects cost too much, use
 * {@link #map()}. Safe for use by many threads.
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public final class TypedMap<K, V> {
    private static final int BATCH = 1024;

    private final BpfMap map;
    private final Codec<K> keys;
    private final Codec<V> values;

    private TypedMap(BpfMap map, Codec<K> keys, Codec<V> values) {
        this.map = map;
        this.keys = keys;
        this.values = values;
    }

    /**
     * A view of a map, which stays the owner.
     *
     * @throws IllegalArgumentException if the map's keys or values are of another size, or it needs another view
     */
    public static <K, V> TypedMap<K, V> of(BpfMap map, Codec<K> keys, Codec<V> values) {
        switch (map.type()) {
            case HASH, LRU_HASH, ARRAY, LPM_TRIE -> {}
            default -> throw new IllegalArgumentException(map.label() + " is a " + map.type() + ": use its own view");
        }
        Sizes.require(map, keys.layout(), values.layout());
        return new TypedMap<>(map, keys, values);
    }

    /** The map itself. */
    public BpfMap map() {
        return map;
    }

    /** The value of a key; empty if it is not in the map. */
    public Optional<V> lookup(K key) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment value = buffers.value(map.valueBytes());
        return map.lookup(keyIn(buffers, key), value) ? Optional.of(values.read(value, 0)) : Optional.empty();
    }

    /**
     * Writes a value, whether or not the key is in the map.
     *
     * @throws BpfException E2BIG if the map is full or an array has no such index
     */
    public void update(K key, V value) {
        update(key, value, UpdateMode.ANY);
    }

    /**
     * Writes a value.
     *
     * @return false if {@code mode} forbade it
     * @throws BpfException E2BIG if the map is full or an array has no such index
     */
    public boolean update(K key, V value, UpdateMode mode) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment bytes = buffers.value(map.valueBytes());
        values.write(bytes, 0, value);
        return map.update(keyIn(buffers, key), bytes, mode);
    }

    /** Removes a key; returns whether it was in the map. Not for arrays. */
    public boolean delete(K key) {
        return map.delete(keyIn(ElementBuffers.ofThread(), key));
    }

    /** Removes a key in the same step as reading its value. Hash maps only, Linux 5.14. */
    public Optional<V> lookupAndDelete(K key) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment value = buffers.value(map.valueBytes());
        return map.lookupAndDelete(keyIn(buffers, key), value) ? Optional.of(values.read(value, 0)) : Optional.empty();
    }

    /**
     * Meets every element while others may change the map: a key that is in it all the time is met exactly once, one
     * that comes or goes meanwhile once or not at all. The action may change the map too.
     */
    public void forEach(BiConsumer<K, V> action) {
        new MapWalk(map, (key, value) -> action.accept(keys.read(key, 0), values.read(value, 0))).run();
    }

    /** A copy of the map, with the guarantees of {@link #forEach}. */
    public Map<K, V> snapshot() {
        Map<K, V> copy = new LinkedHashMap<>();
        forEach(copy::put);
        return copy;
    }

    /**
     * Writes many values, in one call of the kernel where it can.
     *
     * @throws BpfException as {@link #update}; the values before the one at fault are written
     */
    public void updateAll(Map<K, V> entries) {
        List<Map.Entry<K, V>> all = new ArrayList<>(entries.entrySet());
        for (int from = 0; from < all.size(); from += BATCH) {
            updateBatch(all.subList(from, Math.min(from + BATCH, all.size())));
        }
    }

    private void updateBatch(List<Map.Entry<K, V>> entries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keyBytes =
                    keyBytes(arena, entries.stream().map(Map.Entry::getKey).toList());
            MemorySegment valueBytes = arena.allocate((long) entries.size() * map.valueBytes(), Long.BYTES);
            for (int i = 0; i < entries.size(); i++) {
                values.write(
                        valueBytes, (long) i * map.valueBytes(), entries.get(i).getValue());
            }
            int result = new Batch(map, arena).update(keyBytes, valueBytes, entries.size(), UpdateMode.ANY);
            if (Batch.isUnsupported(result)) {
                entries.forEach(entry -> update(entry.getKey(), entry.getValue()));
            } else if (result < 0) {
                throw map.failure(BpfCommand.BPF_MAP_UPDATE_BATCH, result);
            }
        }
    }

    /** Removes many keys, in one call of the kernel where it can; those that are not in the map do not matter. */
    public void deleteAll(Collection<K> gone) {
        List<K> all = List.copyOf(gone);
        for (int from = 0; from < all.size(); from += BATCH) {
            deleteBatch(all.subList(from, Math.min(from + BATCH, all.size())));
        }
    }

    // The kernel stops at the first key that is not there, and at the first call on a kernel without batches.
    private void deleteBatch(List<K> gone) {
        try (Arena arena = Arena.ofConfined()) {
            Batch batch = new Batch(map, arena);
            int result = batch.delete(keyBytes(arena, gone), gone.size());
            if (result < 0) {
                int done = Batch.isUnsupported(result) ? 0 : batch.count();
                gone.subList(done, gone.size()).forEach(this::delete);
            }
        }
    }

    private MemorySegment keyBytes(Arena arena, List<K> all) {
        MemorySegment bytes = arena.allocate((long) all.size() * map.keySize(), Long.BYTES);
        for (int i = 0; i < all.size(); i++) {
            keys.write(bytes, (long) i * map.keySize(), all.get(i));
        }
        return bytes;
    }

    private MemorySegment keyIn(ElementBuffers buffers, K key) {
        MemorySegment bytes = buffers.key(map.keySize());
        keys.write(bytes, 0, key);
        return bytes;
    }
}
