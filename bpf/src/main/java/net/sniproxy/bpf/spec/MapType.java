package net.sniproxy.bpf.spec;

/** Kinds of maps, with their numbers in {@code enum bpf_map_type}. */
public enum MapType {
    HASH(1, "hash"),
    ARRAY(2, "array"),
    PERCPU_HASH(5, "percpu_hash"),
    PERCPU_ARRAY(6, "percpu_array"),
    LRU_HASH(9, "lru_hash"),
    LRU_PERCPU_HASH(10, "lru_percpu_hash"),
    /** Longest prefix match; needs {@link MapFlag#NO_PREALLOC}. Linux 4.11. */
    LPM_TRIE(11, "lpm_trie"),
    /** Sockets by index. Linux 4.14. */
    SOCKMAP(15, "sockmap"),
    /** Sockets by key. Linux 4.18. */
    SOCKHASH(18, "sockhash"),
    /** A value on each socket; needs BTF, 0 entries and {@link MapFlag#NO_PREALLOC}. Linux 5.2. */
    SK_STORAGE(24, "sk_storage"),
    /** Records from programs to user space, in order; the number of entries is its size in bytes. Linux 5.8. */
    RINGBUF(27, "ringbuf");

    private final int number;
    private final String kernelName;

    MapType(int number, String kernelName) {
        this.number = number;
        this.kernelName = kernelName;
    }

    /** The number that {@code bpf(2)} takes. */
    public int number() {
        return number;
    }

    /** As {@code bpftool map} prints it. */
    public String kernelName() {
        return kernelName;
    }

    /** Whether each possible CPU has a value of its own. */
    public boolean perCpu() {
        return this == PERCPU_HASH || this == PERCPU_ARRAY || this == LRU_PERCPU_HASH;
    }

    /** Whether its values are sockets, which are written as descriptors and have no BTF. */
    public boolean ofSockets() {
        return this == SOCKMAP || this == SOCKHASH;
    }

    /** Whether it has keys and values; a ring buffer has neither. */
    public boolean keyed() {
        return this != RINGBUF;
    }
}
