package net.sniproxy.bpf.ring;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.sys.Mapping;

/**
 * The consumer of a ring buffer. There is one for a map, since the position is the map's; the map stays its owner's.
 * Linux 5.8.
 *
 * <p>The kernel does not count what programs could not put in: a program counts that itself, in a map that
 * {@link LostRecords} reads.
 *
 * <p>Safe for use by many threads; one at a time consumes.
 */
public final class RingBuffer implements AutoCloseable {
    /** How often the memory is looked at before the thread sleeps: a burst is then read without a system call. */
    private static final int SPINS = 64;
    /** A sleeping consumer looks up this often to see whether it was closed. */
    private static final int SLICE_MILLIS = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final RingWait wait;
    private final Mapping consumerPage;
    private final Mapping producerPageAndData;
    private final MemorySegment data;
    private final long mask;
    /** Set before the lock is taken, so that a consumer that waits gives up. */
    private volatile boolean closed;

    private boolean unmapped;

    private RingBuffer(RingWait wait, Mapping consumerPage, Mapping producerPageAndData, long pageSize, long size) {
        this.wait = wait;
        this.consumerPage = consumerPage;
        this.producerPageAndData = producerPageAndData;
        this.data = producerPageAndData.memory().asSlice(pageSize).asReadOnly();
        this.mask = size - 1;
    }

    /**
     * Maps a ring buffer into memory.
     *
     * @throws IllegalArgumentException if the map is of another type
     * @throws BpfException if the kernel refuses
     */
    public static RingBuffer open(Kernel kernel, BpfMap map) {
        if (map.type() != MapType.RINGBUF) {
            throw new IllegalArgumentException(map.label() + " is a " + map.type() + ", not a RINGBUF");
        }
        long pageSize = kernel.facts().pageSize();
        long size = map.info().maxEntries();
        Mapping consumer = map(kernel, map, 0, pageSize, Mapping.PROT_READ_WRITE);
        try {
            // The data twice in a row, behind the producer's page.
            Mapping producer = map(kernel, map, pageSize, pageSize + 2 * size, Mapping.PROT_READ);
            try {
                return new RingBuffer(RingWait.on(kernel, map), consumer, producer, pageSize, size);
            } catch (RuntimeException failure) {
                producer.close();
                throw failure;
            }
        } catch (RuntimeException failure) {
            consumer.close();
            throw failure;
        }
    }

    private static Mapping map(Kernel kernel, BpfMap map, long offset, long length, int protection) {
        long address = Mapping.map(kernel.calls(), map.descriptor().number(), offset, length, protection);
        kernel.check("mmap", map.label(), address);
        return Mapping.own(kernel.calls(), address, length);
    }

    /**
     * Hands over the records that are there, without waiting. Records come in the order of their reservation; one that
     * its program has not finished holds up those behind it.
     *
     * @return how many records the handler was given
     * @throws IllegalStateException if this is closed
     */
    public int poll(RecordHandler handler) {
        lock.lock();
        try {
            requireOpen();
            return consume(handler);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands over the records that are there, and waits for some if there are none.
     *
     * @param timeout how long to wait at most; zero waits not at all
     * @return how many records the handler was given; 0 if none came, or this was closed meanwhile
     * @throws IllegalStateException if this is closed
     */
    public int await(Duration timeout, RecordHandler handler) {
        long deadline = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            requireOpen();
            int count = spin(handler);
            while (count == 0 && !closed) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return 0;
                }
                wait.sleep((int) Math.min(left, SLICE_MILLIS));
                count = consume(handler);
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private int spin(RecordHandler handler) {
        for (int i = 0; i < SPINS; i++) {
            int count = consume(handler);
            if (count > 0) {
                return count;
            }
            Thread.onSpinWait();
        }
        return 0;
    }

    private int consume(RecordHandler handler) {
        MemorySegment positions = consumerPage.memory();
        long consumed = RingLayout.position(positions);
        int count = 0;
        while (consumed < RingLayout.position(producerPageAndData.memory())) {
            long offset = consumed & mask;
            int header = RingLayout.header(data, offset);
            if (RingLayout.isBusy(header)) {
                return count;
            }
            consumed += RingLayout.step(header);
            try {
                if (!RingLayout.isDiscarded(header)) {
                    count++;
                    handler.handle(data.asSlice(offset + RingLayout.HEADER_SIZE, RingLayout.length(header)));
                }
            } finally {
                // Also after an exception: the record was handed over, and must not come again.
                RingLayout.setPosition(positions, consumed);
            }
        }
        return count;
    }

    /** Bytes of records that were not consumed yet, with their headers. */
    public long backlogBytes() {
        lock.lock();
        try {
            requireOpen();
            return RingLayout.position(producerPageAndData.memory()) - RingLayout.position(consumerPage.memory());
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the ring buffer is closed");
        }
    }

    /** Ends the mapping, after a consumer that waits has looked up (a tenth of a second at most). A second call does nothing. */
    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            if (!unmapped) {
                unmapped = true;
                wait.close();
                producerPageAndData.close();
                consumerPage.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
