package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;

/**
 * The calls of bpf(2) about many elements at once (Linux 5.6). A kernel, or a type of map, without them answers EINVAL
 * or ENOTSUPP. Owner of the offsets of the batch commands.
 */
final class Batch {
    private static final int SIZE = 56;
    private static final int IN = 0;
    private static final int OUT = 8;
    private static final int KEYS = 16;
    private static final int VALUES = 24;
    private static final int COUNT = 32;
    private static final int DESCRIPTOR = 36;
    private static final int ELEMENT_FLAGS = 40;

    private final BpfMap map;
    private final Attributes attributes;

    Batch(BpfMap map, Arena arena) {
        this.map = map;
        this.attributes = Attributes.of(arena, SIZE);
    }

    /** Whether a result means that there is no such call for this map: then elements go one by one. */
    static boolean isUnsupported(int result) {
        return Errno.EINVAL.is(result) || Errno.ENOTSUPP.is(result) || Errno.EOPNOTSUPP.is(result);
    }

    /**
     * Makes one call that walks the map.
     *
     * @param position where the last call ended; {@link MemorySegment#NULL} at the start
     * @param next receives where this call ends
     */
    int walk(MemorySegment position, MemorySegment next, MemorySegment keys, MemorySegment values, int capacity) {
        attributes.putAddress(IN, position).putAddress(OUT, next);
        return call(BpfCommand.BPF_MAP_LOOKUP_BATCH, keys, values, capacity, 0);
    }

    int update(MemorySegment keys, MemorySegment values, int count, UpdateMode mode) {
        return call(BpfCommand.BPF_MAP_UPDATE_BATCH, keys, values, count, mode.flag());
    }

    int delete(MemorySegment keys, int count) {
        return call(BpfCommand.BPF_MAP_DELETE_BATCH, keys, MemorySegment.NULL, count, 0);
    }

    /** How many elements the last call dealt with, also when it failed. */
    int count() {
        return attributes.getInt(COUNT);
    }

    private int call(BpfCommand command, MemorySegment keys, MemorySegment values, int count, int elementFlags) {
        attributes
                .putAddress(KEYS, keys)
                .putAddress(VALUES, values)
                .putInt(COUNT, count)
                .putInt(DESCRIPTOR, map.descriptor().number())
                .putLong(ELEMENT_FLAGS, elementFlags);
        return map.kernel().tryBpf(command, attributes.memory());
    }
}
