package net.sniproxy.proxy.datapath;

/** One connection in the care of a kernel data path, from arming to its end. Methods run on the connection's event loop. */
public interface KernelForwarding {
    /** Bytes that the kernel has forwarded so far, without those that the relay wrote. Never decreases. */
    long forwarded(Direction direction);

    /**
     * The sender of this direction has sent its FIN: runs the action, at once or later on the event loop, when the receiver's
     * socket has taken every byte that the kernel forwarded. Only then may a FIN be sent on.
     */
    void whenDelivered(Direction direction, Runnable action);

    /**
     * Ends it: removes what the kernel holds for the connection. Called exactly once, whatever the cause. For a connection that
     * was detached, {@code reset} says that both peers get an RST (idle, revoked).
     */
    void close(boolean reset);
}
