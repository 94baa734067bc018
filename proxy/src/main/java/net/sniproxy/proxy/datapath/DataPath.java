package net.sniproxy.proxy.datapath;

import io.netty.channel.Channel;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.bpf.BpfException;
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

    /**
     * Where a connection to an upstream is to start, so that it is not mistaken for one that lives on in the kernel without a
     * socket. Must not block.
     *
     * @return empty where the kernel may choose
     * @throws BindException if every port is taken
     */
    default Optional<InetSocketAddress> source(InetSocketAddress upstream) throws BindException {
        return Optional.empty();
    }

    /**
     * How large the segments may be that an upstream sends, so that this path can bring them to the client as they are. Asked
     * before the upstream is connected; must not block or throw.
     *
     * @return bytes, options included; empty where that makes no difference
     */
    default OptionalInt largestSegment(Channel client) {
        return OptionalInt.empty();
    }

    /**
     * Reads at once what the kernel has counted for all connections that it carries alone; see {@link DetachedFlow#lastRead}.
     * On any thread but an event loop.
     */
    default void readCounts() {}

    /** The answer of a path. */
    sealed interface Offer {
        /** The kernel is armed for this connection. */
        record Armed(KernelForwarding forwarding) implements Offer {}

        /** Not for this connection; label and reason as in {@link net.sniproxy.proxy.event.PathDeclined}. */
        record Declined(String label, String reason) implements Offer {
            /** The kernel refused what the path asked of it. */
            public static Declined because(BpfException refused) {
                return new Declined("kernel_error", String.valueOf(refused.getMessage()));
            }
        }
    }
}
