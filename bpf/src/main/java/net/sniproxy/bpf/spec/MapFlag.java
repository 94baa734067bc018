package net.sniproxy.bpf.spec;

/** Flags of map creation, with their bits. */
public enum MapFlag {
    /** Memory for an entry is taken when it is inserted. */
    NO_PREALLOC(1),
    /** Each CPU has an LRU list of its own. */
    NO_COMMON_LRU(1 << 1),
    /** User space may not write. */
    RDONLY(1 << 3),
    /** User space may not read. */
    WRONLY(1 << 4),
    /** Programs may not write. Linux 5.2. */
    RDONLY_PROG(1 << 7),
    /** Programs may not read. Linux 5.2. */
    WRONLY_PROG(1 << 8),
    /** The values of an array can be mapped into user space. Linux 5.5. */
    MMAPABLE(1 << 10);

    private final int bits;

    MapFlag(int bits) {
        this.bits = bits;
    }

    /** The flag in {@code map_flags} of {@code bpf(2)}. */
    public int bits() {
        return bits;
    }

    /** All of these flags in one word. */
    public static int bits(Iterable<MapFlag> flags) {
        int all = 0;
        for (MapFlag flag : flags) {
            all |= flag.bits;
        }
        return all;
    }
}
