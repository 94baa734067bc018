package net.sniproxy.proxy.stats;

import java.io.IOException;

/** Something whose state is written to files now and then. Saved by one thread at a time. */
interface Saved {
    /** Writes what has changed since the last time; blocks. */
    void save() throws IOException;
}
