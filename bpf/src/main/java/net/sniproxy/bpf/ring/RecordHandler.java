package net.sniproxy.bpf.ring;

import java.lang.foreign.MemorySegment;

/** Is given the records of a ring buffer. */
@FunctionalInterface
public interface RecordHandler {
    /**
     * Takes one record.
     *
     * @param data the record in the ring buffer itself, read-only, aligned to 8 bytes; after the call the kernel writes
     *     over it
     */
    void handle(MemorySegment data);
}
