package net.sniproxy.proxy.stats;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A bounded table of values; the least recently updated one makes room. Thread-safe, and quick enough for an event loop:
 * an update holds the lock for one look-up.
 *
 * @param <K> what values are kept by
 * @param <V> immutable values
 */
final class LruTable<K, V> {
    private final Map<K, V> values;
    private long changes;

    LruTable(int capacity) {
        this.values = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > capacity;
            }
        };
    }

    /** Replaces the value of a key by what {@code update} makes of it, or of {@code initial} where there is none. */
    synchronized void update(K key, V initial, UnaryOperator<V> update) {
        values.put(key, update.apply(Optional.ofNullable(values.get(key)).orElse(initial)));
        changes++;
    }

    /** The values, least recently updated first. */
    synchronized List<V> snapshot() {
        return List.copyOf(values.values());
    }

    /** How often the table was updated. */
    synchronized long changes() {
        return changes;
    }
}
