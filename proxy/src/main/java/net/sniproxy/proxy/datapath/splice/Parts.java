package net.sniproxy.proxy.datapath.splice;

import java.util.ArrayDeque;
import java.util.Deque;

/** How to end what was begun one after the other: in reverse, and all of it, also where one cannot be ended. For one thread. */
final class Parts implements AutoCloseable {
    private final Deque<Runnable> ends = new ArrayDeque<>();

    /** What has just been begun ends so. */
    void begun(Runnable end) {
        ends.push(end);
    }

    /** A second call does nothing. */
    @Override
    public void close() {
        if (!ends.isEmpty()) {
            try {
                ends.pop().run();
            } finally {
                close();
            }
        }
    }
}
