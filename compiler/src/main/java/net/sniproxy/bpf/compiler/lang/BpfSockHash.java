package net.sniproxy.bpf.compiler.lang;

import java.util.HashMap;
import java.util.Map;
import net.sniproxy.bpf.spec.MapType;

/**
 * A hash map of sockets, to which SK_MSG programs attach. Programs do not look sockets up: they enrol
 * ({@link SockOpsContext#enrol}) and redirect ({@link SkMsgContext#redirect}). Since Linux 4.18.
 *
 * @param <K> the key
 */
@MapClass(MapType.SOCKHASH)
public final class BpfSockHash<K> {
    private final int maxEntries;
    private final Map<K, BpfSock> sockets = new HashMap<>();

    private BpfSockHash(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    /** An empty stand-in that refuses more than {@code maxEntries} sockets. */
    public static <K> BpfSockHash<K> of(int maxEntries) {
        return new BpfSockHash<>(maxEntries);
    }

    /** What the stand-in holds, live; for tests. */
    public Map<K, BpfSock> sockets() {
        return sockets;
    }

    int enrol(K key, BpfSock socket, long flags) {
        if (sockets.containsKey(key)) {
            if (flags == UpdateFlags.NO_EXIST) {
                return Errno.EEXIST;
            }
        } else if (flags == UpdateFlags.EXIST) {
            return Errno.ENOENT;
        } else if (sockets.size() >= maxEntries) {
            return Errno.E2BIG;
        }
        sockets.put(key, socket);
        return 0;
    }
}
