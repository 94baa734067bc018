package net.sniproxy.bpf.ring;

import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.PerCpuMap;

/**
 * Counts the records that programs could not put into a full ring buffer. The program adds one to an element of a
 * PERCPU_ARRAY of u64 whenever {@code bpf_ringbuf_reserve} gives NULL or {@code bpf_ringbuf_output} an error. Safe for
 * use by many threads.
 */
public final class LostRecords {
    private final PerCpuMap<Integer, Long> counters;
    private final int index;

    /**
     * @param map a PERCPU_ARRAY of u64
     * @param index which of its elements the program counts in
     * @throws IllegalArgumentException if the map is another one
     */
    public LostRecords(BpfMap map, int index) {
        this.counters = PerCpuMap.of(map, Codec.u32(), Codec.u64());
        this.index = index;
    }

    /** How many records were lost since the map was made, on all CPUs. */
    public long count() {
        return counters
                .lookup(index)
                .orElseThrow(() -> new IllegalStateException(counters.map().label() + " has no element " + index))
                .stream()
                .mapToLong(Long::longValue)
                .sum();
    }
}
