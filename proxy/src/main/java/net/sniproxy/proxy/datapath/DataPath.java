package net.sniproxy.proxy.datapath;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.List;
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

    /**
     * A socket is about to be connected to an upstream; it may never be offered. Called on its event loop, before a packet has
     * left; must not block or throw.
     */
    default void connecting(Channel upstream) {}

    /**
     * The proxy accepts connections on these addresses, and no longer on others. A wildcard stands for every address of the
     * host. Not called on an event loop.
     */
    default void listening(List<InetSocketAddress> addresses) {}

    /** The answer of a path. */
    sealed interface Offer {
        /** The kernel is armed for this connection. */
        record Armed(KernelForwarding forwarding) implements Offer {}

        /** Not for this connection, and why, in words for a log. */
        record Declined(String reason) implements Offer {}
    }
}
