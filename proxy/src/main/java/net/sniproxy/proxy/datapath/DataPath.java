package net.sniproxy.proxy.datapath;

import net.sniproxy.proxy.event.DataPathKind;

/**
 * A way of forwarding in the kernel.
 *
 * <p>Thread-safe: asked on every event loop.
 */
public interface DataPath {
    /** Which one it is. */
    DataPathKind kind();

    /**
     * Asks whether this path carries the connection. Called on the connection's event loop after the upstream is connected and
     * before any byte is sent to it; must not block.
     */
    Offer offer(Legs legs);

    /** The answer of a path. */
    sealed interface Offer {
        /** The kernel is armed for this connection. */
        record Armed(KernelForwarding forwarding) implements Offer {}

        /** Not for this connection, and why, in words for a log. */
        record Declined(String reason) implements Offer {}
    }
}
