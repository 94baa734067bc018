package net.sniproxy.proxy.datapath.sockmap;

import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** The connections that are redirected now. Thread-safe. */
final class LivePairs {
    private static final long LOOK_NANOS = 10_000_000;

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

    /**
     * Gives every connection back to the relay; those whose peers have not read what the kernel holds by the deadline are reset.
     * When this returns, none needs the maps any more. Not on an event loop.
     */
    void detach(long deadline) {
        closed = true;
        all.forEach(RedirectedConnection::separate);
        do {
            // Also lets a program that has just found its peer come to its end.
            LockSupport.parkNanos(LOOK_NANOS);
        } while (!all.stream().allMatch(RedirectedConnection::isDrained) && System.nanoTime() < deadline);
        List.copyOf(all).stream()
                .map(RedirectedConnection::leaveToRelay)
                .toList()
                .forEach(Future::awaitUninterruptibly);
    }
}
