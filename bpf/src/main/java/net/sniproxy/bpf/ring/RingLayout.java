package net.sniproxy.bpf.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Owner of the offsets and bits of a ring buffer's memory (kernel/bpf/ringbuf.c).
 *
 * <p>Two positions, counted in bytes since the start and never reset, each on a page of its own; then the data, mapped
 * twice in a row so that a record that wraps around is in one piece. A record is a header of 8 bytes (length with two
 * flags, and something for the kernel alone) and its data, padded to 8 bytes.
 */
final class RingLayout {
    static final int HEADER_SIZE = 8;

    /** The program has reserved the record and not yet finished it. */
    private static final int BUSY = 1 << 31;
    /** The program has thrown the record away. */
    private static final int DISCARDED = 1 << 30;

    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle LENGTH = ValueLayout.JAVA_INT.varHandle();

    private RingLayout() {}

    static long position(MemorySegment page) {
        return (long) POSITION.getAcquire(page, 0L);
    }

    /**
     * Gives space back to the kernel. Volatile, since it must be seen before the position of the producer is read again:
     * a producer that sees the old position does not wake the consumer.
     */
    static void setPosition(MemorySegment page, long position) {
        POSITION.setVolatile(page, 0L, position);
    }

    /** The length word of a record, with its flags. */
    static int header(MemorySegment data, long offset) {
        return (int) LENGTH.getAcquire(data, offset);
    }

    static boolean isBusy(int header) {
        return (header & BUSY) != 0;
    }

    static boolean isDiscarded(int header) {
        return (header & DISCARDED) != 0;
    }

    static int length(int header) {
        return header & ~(BUSY | DISCARDED);
    }

    /** Bytes from the start of a record to the next. */
    static long step(int header) {
        return (length(header) + HEADER_SIZE + 7L) & -8L;
    }
}
