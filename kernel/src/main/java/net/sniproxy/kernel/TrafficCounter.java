package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.U64;

/** Indexes of {@link KernelMaps#TRAFFIC_STATS}, and how programs add to them. */
public final class TrafficCounter {
    /** Entries of the map. */
    public static final int ENTRIES = 256;
    /** Payload bytes from clients that the kernel forwarded. */
    public static final int BYTES_SENT = 0;
    /** Payload bytes to clients that the kernel forwarded. */
    public static final int BYTES_RECEIVED = 1;
    /** Messages or packets from clients. */
    public static final int PACKETS_SENT = 2;
    /** Messages or packets to clients. */
    public static final int PACKETS_RECEIVED = 3;
    /** Frames that the source filter judged and let pass. */
    public static final int FILTER_PASSED = 4;
    /** Frames that the source filter dropped because an allow list is in force and their source is not on it. */
    public static final int FILTER_NOT_ALLOWED = 5;
    /** Frames that the source filter dropped because their headers are cut off or contradict themselves. */
    public static final int FILTER_MALFORMED = 6;
    /** Times that a redirected direction went over to TCP because too much waited for its receiver. */
    public static final int REDIRECT_OVER_LIMIT = 7;
    /** Bytes from clients that user space copied, written by it alone, about once a second. With {@link #BYTES_SENT} it is all. */
    public static final int RELAYED_SENT = 8;
    /** Bytes to clients that user space copied, likewise. */
    public static final int RELAYED_RECEIVED = 9;
    /** Frames that the source filter dropped because a rule denies their source. */
    public static final int FILTER_DENIED = 32;
    /** Frames that the source filter dropped because their source is denied for a time for what it did. */
    public static final int FILTER_DENIED_FOR_A_TIME = 33;
    /** Requests for a connection that the source filter dropped because their source makes too many. */
    public static final int FILTER_SYN_RATE = 34;
    /** Drops that were to be told but found the ring of samples full. */
    public static final int FILTER_SAMPLES_LOST = 35;

    private TrafficCounter() {}

    /**
     * Adds to this CPU's copy of a counter. No other CPU writes it, and no program that runs for a packet is interrupted by
     * another one, so this needs no atomic.
     */
    static void add(int counter, long amount) {
        U64 total = KernelMaps.TRAFFIC_STATS.lookup(counter);
        if (total != null) {
            total.value += amount;
        }
    }

    /** The same in a program that runs for a task, which packets and other tasks interrupt: one instruction that they cannot split. */
    static void addInTask(int counter, long amount) {
        U64 total = KernelMaps.TRAFFIC_STATS.lookup(counter);
        if (total != null) {
            total.add(amount);
        }
    }
}
