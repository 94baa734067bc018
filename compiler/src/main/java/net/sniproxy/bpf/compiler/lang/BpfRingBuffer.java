package net.sniproxy.bpf.compiler.lang;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.spec.MapType;

/**
 * A ring buffer that carries records to user space, in order over all CPUs. Since Linux 5.8; its size in bytes is a power
 * of two and a multiple of the page size.
 *
 * @param <V> the struct that is written
 */
@MapClass(MapType.RINGBUF)
public final class BpfRingBuffer<V> {
    private final int maxRecords;
    private final List<V> records = new ArrayList<>();

    private BpfRingBuffer(int maxRecords) {
        this.maxRecords = maxRecords;
    }

    /** An empty stand-in that refuses more than {@code maxRecords} records. */
    public static <V> BpfRingBuffer<V> of(int maxRecords) {
        return new BpfRingBuffer<>(maxRecords);
    }

    /**
     * Copies a record into the ring.
     *
     * @param record the record
     * @param flags 0: wake the reader when it sleeps
     * @return 0, or {@link Errno#EAGAIN} when the ring is full
     */
    @Helper(130)
    public int output(@Sized V record, long flags) {
        if (records.size() >= maxRecords) {
            return Errno.EAGAIN;
        }
        records.add(StructCopies.copy(record));
        return 0;
    }

    /** What was written, oldest first, live; for tests. */
    public List<V> records() {
        return records;
    }
}
