package net.sniproxy.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.layout.Codec;

/**
 * A per-CPU map with keys and values as Java objects: PERCPU_HASH, LRU_PERCPU_HASH or PERCPU_ARRAY. A key has one value
 * for each <em>possible</em> CPU, of which fewer may be online. Safe for use by many threads.
 *
 * @param <K> type of the keys
 * @param <V> type of one CPU's value
 */
public final class PerCpuMap<K, V> {
    private final BpfMap map;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final int stride;

    private PerCpuMap(BpfMap map, Codec<K> keys, Codec<V> values) {
        this.map = map;
        this.keys = keys;
        this.values = values;
        this.stride = BpfMap.alignedTo8(map.info().valueSize());
    }

    /**
     * A view of a map, which stays the owner.
     *
     * @throws IllegalArgumentException if the map's keys or values are of another size, or it is no per-CPU map
     */
    public static <K, V> PerCpuMap<K, V> of(BpfMap map, Codec<K> keys, Codec<V> values) {
        if (!map.type().perCpu()) {
            throw new IllegalArgumentException(map.label() + " is a " + map.type() + ", which has one value for a key");
        }
        Sizes.require(map, keys.layout(), values.layout());
        return new PerCpuMap<>(map, keys, values);
    }

    /** The map itself. */
    public BpfMap map() {
        return map;
    }

    /** How many values a key has. */
    public int cpus() {
        return map.valueBytes() / stride;
    }

    /** The values of a key, by CPU; empty if it is not in the map. */
    public Optional<List<V>> lookup(K key) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment bytes = buffers.value(map.valueBytes());
        return map.lookup(keyIn(buffers, key), bytes) ? Optional.of(read(bytes)) : Optional.empty();
    }

    /**
     * Writes the values of all CPUs.
     *
     * @param perCpu one for each possible CPU
     * @return false if {@code mode} forbade it
     */
    public boolean update(K key, List<V> perCpu, UpdateMode mode) {
        if (perCpu.size() != cpus()) {
            throw new IllegalArgumentException(
                    map.label() + ": " + perCpu.size() + " values for " + cpus() + " possible CPUs");
        }
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment bytes = buffers.value(map.valueBytes());
        for (int cpu = 0; cpu < perCpu.size(); cpu++) {
            values.write(bytes, (long) cpu * stride, perCpu.get(cpu));
        }
        return map.update(keyIn(buffers, key), bytes, mode);
    }

    /** Removes a key; returns whether it was in the map. Not for arrays. */
    public boolean delete(K key) {
        return map.delete(keyIn(ElementBuffers.ofThread(), key));
    }

    /** A copy of the map, with the guarantees of {@link TypedMap#forEach}. */
    public Map<K, List<V>> snapshot() {
        Map<K, List<V>> copy = new LinkedHashMap<>();
        new MapWalk(map, (key, value) -> copy.put(keys.read(key, 0), read(value))).run();
        return copy;
    }

    private List<V> read(MemorySegment bytes) {
        List<V> perCpu = new ArrayList<>(cpus());
        for (int cpu = 0; cpu < cpus(); cpu++) {
            perCpu.add(values.read(bytes, (long) cpu * stride));
        }
        return perCpu;
    }

    private MemorySegment keyIn(ElementBuffers buffers, K key) {
        MemorySegment bytes = buffers.key(map.keySize());
        keys.write(bytes, 0, key);
        return bytes;
    }
}
