package net.sniproxy.proxy.datapath.sockmap;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that are redirected now. Thread-safe. */
final class LivePairs {
    private final Set<RedirectedConnection> all = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Returns false if no more are wanted. */
    boolean add(RedirectedConnection connection) {
        all.add(connection);
        if (closed) {
            all.remove(connection);
        }
        return !closed;
    }

    void remove(RedirectedConnection connection) {
        all.remove(connection);
    }

    /** Sends every connection back to the relay; those whose peers have not read what the kernel holds by the deadline are reset. */
    void detach(long deadline) {
        closed = true;
        all.forEach(RedirectedConnection::separate);
        while (!all.stream().allMatch(RedirectedConnection::isDrained) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        all.stream().filter(connection -> !connection.isDrained()).forEach(RedirectedConnection::abort);
    }
}
