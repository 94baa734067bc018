package net.sniproxy.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.spec.MapType;

/**
 * A map whose values are sockets: SOCKMAP by index or SOCKHASH by key. A socket leaves it by itself when it is closed.
 * The values must be declared as 8 bytes for {@link #cookie} to work. Safe for use by many threads.
 *
 * @param <K> type of the keys; a {@code u32} for SOCKMAP
 */
public final class SocketMap<K> {
    private final BpfMap map;
    private final Codec<K> keys;

    private SocketMap(BpfMap map, Codec<K> keys) {
        this.map = map;
        this.keys = keys;
    }

    /**
     * A view of a map, which stays the owner.
     *
     * @throws IllegalArgumentException if the map's keys are of another size, or its values are no sockets
     */
    public static <K> SocketMap<K> of(BpfMap map, Codec<K> keys) {
        if (map.type() != MapType.SOCKMAP && map.type() != MapType.SOCKHASH) {
            throw new IllegalArgumentException(map.label() + " is a " + map.type() + ", whose values are no sockets");
        }
        Sizes.requireEqual(map, "keys", map.keySize(), keys.layout());
        return new SocketMap<>(map, keys);
    }

    /** The map itself. */
    public BpfMap map() {
        return map;
    }

    /**
     * Puts a socket into the map.
     *
     * @param socket its descriptor; the map holds the socket, not the descriptor
     * @return false if {@code mode} forbade it
     * @throws net.sniproxy.bpf.BpfException EOPNOTSUPP if the socket is not a connected TCP socket
     */
    public boolean update(K key, int socket, UpdateMode mode) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment value = buffers.value(Long.BYTES);
        // The kernel takes 4 or 8 bytes, as the map was declared; the number is the same in either.
        if (map.valueBytes() == Long.BYTES) {
            value.set(ValueLayout.JAVA_LONG, 0, socket);
        } else {
            value.set(ValueLayout.JAVA_INT, 0, socket);
        }
        return map.update(keyIn(buffers, key), value, mode);
    }

    /**
     * The cookie of the socket under a key: the number that {@code SO_COOKIE} gives.
     *
     * @return empty if the key is not in the map
     * @throws net.sniproxy.bpf.BpfException ENOSPC if the map's values are 4 bytes
     */
    public OptionalLong cookie(K key) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        MemorySegment value = buffers.value(Long.BYTES);
        return map.lookup(keyIn(buffers, key), value)
                ? OptionalLong.of(value.get(ValueLayout.JAVA_LONG, 0))
                : OptionalLong.empty();
    }

    /** Takes a socket out of the map; returns whether it was there. */
    public boolean delete(K key) {
        ElementBuffers buffers = ElementBuffers.ofThread();
        return map.delete(keyIn(buffers, key));
    }

    private MemorySegment keyIn(ElementBuffers buffers, K key) {
        MemorySegment bytes = buffers.key(map.keySize());
        keys.write(bytes, 0, key);
        return bytes;
    }
}
