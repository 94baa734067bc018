package net.sniproxy.bpf.compiler.lang;

import java.util.IdentityHashMap;
import java.util.Map;
import net.sniproxy.bpf.spec.MapType;
import org.jspecify.annotations.Nullable;

/**
 * A value that hangs on a socket and dies with it. Since Linux 5.2; {@code BPF_F_NO_PREALLOC} is always set. Needs BTF
 * of its value.
 *
 * @param <V> the value
 */
@MapClass(MapType.SK_STORAGE)
public final class BpfSkStorage<V> {
    /** Creates the value when there is none ({@code BPF_SK_STORAGE_GET_F_CREATE}). */
    public static final long CREATE = 1;

    private final Map<SocketPointer, V> values = new IdentityHashMap<>();

    private BpfSkStorage() {}

    /** An empty stand-in. */
    public static <V> BpfSkStorage<V> create() {
        return new BpfSkStorage<>();
    }

    /**
     * The socket's live value, or null.
     *
     * @param socket the socket
     * @param initial what a created value is copied from; null for zeroes, in the kernel only, or without {@link #CREATE}
     * @param flags 0 or {@link #CREATE}
     */
    @Helper(107)
    public @Nullable V get(SocketPointer socket, @Nullable V initial, long flags) {
        V present = values.get(socket);
        if (present != null || flags != CREATE) {
            return present;
        }
        if (initial == null) {
            throw new KernelRuleViolation("the JVM's stand-in creates socket storage only from an initial value");
        }
        V created = StructCopies.copy(initial);
        values.put(socket, created);
        return created;
    }

    /**
     * Removes the socket's value.
     *
     * @return 0, or {@link Errno#ENOENT}
     */
    @Helper(108)
    public int delete(SocketPointer socket) {
        return values.remove(socket) == null ? Errno.ENOENT : 0;
    }

    /** What the stand-in holds, live; for tests. */
    public Map<SocketPointer, V> values() {
        return values;
    }
}
