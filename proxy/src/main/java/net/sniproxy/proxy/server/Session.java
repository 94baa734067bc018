package net.sniproxy.proxy.server;

import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import org.jspecify.annotations.Nullable;

/** A connection in a worker's list. For the worker's event loop. */
abstract sealed class Session permits Connection, DetachedConnection {
    // The worker's list runs through these.
    @Nullable
    Session previous;

    @Nullable
    Session next;

    /** What a look at the clock brings about. */
    abstract void check(long now);

    /** Ends it if its source is no longer let in, or the route it took is no longer what its name and protocols lead to. */
    abstract void recheck(RunningConfig running);

    /** Ends both legs with RST. */
    abstract void abort(Ending ending);

    /** What is known of it now. */
    abstract LiveConnection live();

    /** The process is about to stop: lets go of it if it goes on in the kernel. */
    void release() {}
}
