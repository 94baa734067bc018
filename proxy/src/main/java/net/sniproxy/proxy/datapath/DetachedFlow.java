package net.sniproxy.proxy.datapath;

/** What the kernel holds of a connection that it carries alone. Methods are for the connection's event loop. */
public interface DetachedFlow {
    /** Bytes that the kernel has forwarded. Never decreases. */
    long forwarded(Direction direction);

    /**
     * The same without asking the kernel: as it was when {@link DataPath#readCounts} was called last, or later. For looking at
     * very many connections.
     */
    default long lastRead(Direction direction) {
        return forwarded(direction);
    }

    /** When a new byte last passed, on the clock of {@link System#nanoTime}. */
    long lastMoved();

    /** Whether it goes on when the process has ended, to be adopted by the next one. */
    boolean survives();

    /** Ends it: removes what the kernel holds, and sends both peers an RST if they do not know yet that it is over. */
    void close(boolean reset);
}
