package net.sniproxy.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.spec.MapType;

/**
 * Values that hang on sockets (SK_STORAGE) and vanish with them. User space names a socket by its descriptor. Safe for
 * use by many threads.
 *
 * @param <V> type of the values
 */
public final class SocketStorage<V> {
    private final BpfMap map;
    private final Codec<V> values;

    private SocketStorage(BpfMap map, Codec<V> values) {
        this.map = map;
        this.values = values;
    }

    /**
     * A view of a map, which stays the owner.
     *
     * @throws IllegalArgumentException if the map's values are of another size, or it is no socket storage
     */
    public static <V> SocketStorage<V> of(BpfMap map, Codec<V> values) {
        if (map.type() != MapType.SK_STORAGE) {
            throw new IllegalArgumentException(map.label() + " is a " + map.type() + ", not SK_STORAGE");
        }
        Sizes.requireEqual(map, "values", map.info().valueSize(), values.layout());
        return new SocketStorage<>(map, values);
    }

    /** The map itself. */
    public BpfMap map() {
        return map;
    }

    /** The value on a socket; empty if it has none. */
    public Optional<V> lookup(int socket) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment value = buffers.value(map.valueBytes());
        return map.lookup(keyIn(buffers, socket), value) ? Optional.of(values.read(value, 0)) : Optional.empty();
    }

    /** Hangs a value on a socket; returns false if {@code mode} forbade it. */
    public boolean update(int socket, V value, UpdateMode mode) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment bytes = buffers.value(map.valueBytes());
        values.write(bytes, 0, value);
        return map.update(keyIn(buffers, socket), bytes, mode);
    }

    /** Takes the value off a socket; returns whether it had one. */
    public boolean delete(int socket) {
        return map.delete(keyIn(ElementBuffers.ofThread(), socket));
    }

    private MemorySegment keyIn(ElementBuffers buffers, int socket) {
        MemorySegment key = buffers.key(map.keySize());
        key.set(ValueLayout.JAVA_INT, 0, socket);
        return key;
    }
}
