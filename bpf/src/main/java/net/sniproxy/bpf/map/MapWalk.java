package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Set;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;

/**
 * Walks over a map that others change meanwhile. A key that is in the map all the time is met exactly once; one that
 * comes or goes meanwhile is met once or not at all.
 *
 * <p>Batches give that for free, since the kernel hands out whole hash buckets. Without them the walk goes from key to
 * key, and the kernel starts over when the key it should go on from is gone: so keys met before are remembered.
 */
public final class MapWalk {
    private static final int FIRST_CAPACITY = 256;
    /** The kernel's own limit of a hash bucket is far below; see {@link #walkInBatches}. */
    private static final int MAX_CAPACITY = 1 << 22;
    /** A walk that met nothing new for so many steps is being outrun by deletions. */
    private static final int MAX_FRUITLESS_STEPS = 1 << 20;

    /** Is given the elements; the segments are good during the call only. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One element.
         *
         * @param key {@link BpfMap#keySize()} bytes
         * @param value {@link BpfMap#valueBytes()} bytes
         */
        void visit(MemorySegment key, MemorySegment value);
    }

    private final BpfMap map;
    private final Visitor visitor;

    /** @param visitor may change the map */
    public MapWalk(BpfMap map, Visitor visitor) {
        this.map = map;
        this.visitor = visitor;
    }

    /**
     * Walks once through the whole map.
     *
     * @throws net.sniproxy.bpf.BpfException if the kernel refuses: not every type of map can be walked through
     */
    public void run() {
        if (!walkInBatches()) {
            walkFromKeyToKey();
        }
    }

    /** Returns false, without having met anything, if this map cannot be walked so. */
    private boolean walkInBatches() {
        int capacity = Math.min(FIRST_CAPACITY, Math.max(1, map.info().maxEntries()));
        // The position is a bucket's number for hash maps and a key for others.
        int positionSize = Math.max(Integer.BYTES, map.keySize());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment position = MemorySegment.NULL;
            MemorySegment next = arena.allocate(positionSize, Long.BYTES);
            Batch batch = new Batch(map, arena);
            while (true) {
                try (Arena buffers = Arena.ofConfined()) {
                    MemorySegment keys = buffers.allocate((long) capacity * map.keySize(), Long.BYTES);
                    MemorySegment values = buffers.allocate((long) capacity * map.valueBytes(), Long.BYTES);
                    int result = batch.walk(position, next, keys, values, capacity);
                    if (position.equals(MemorySegment.NULL) && Batch.isUnsupported(result)) {
                        return false;
                    }
                    // A bucket is handed out whole or not at all.
                    if (Errno.ENOSPC.is(result) && capacity < MAX_CAPACITY) {
                        capacity *= 2;
                        continue;
                    }
                    // Older kernels end so when several keys in a row were deleted between being found and being read.
                    boolean outrun = Errno.EINTR.is(result);
                    if (result < 0 && !Errno.ENOENT.is(result) && !outrun) {
                        throw map.failure(BpfCommand.BPF_MAP_LOOKUP_BATCH, result);
                    }
                    visitAll(keys, values, batch.count());
                    if (Errno.ENOENT.is(result)) {
                        return true;
                    }
                    if (outrun && batch.count() == 0) {
                        continue;
                    }
                }
                MemorySegment reached = arena.allocate(positionSize, Long.BYTES);
                position = reached.copyFrom(next);
            }
        }
    }

    private void visitAll(MemorySegment keys, MemorySegment values, int count) {
        for (int i = 0; i < count; i++) {
            visitor.visit(
                    keys.asSlice((long) i * map.keySize(), map.keySize()),
                    values.asSlice((long) i * map.valueBytes(), map.valueBytes()));
        }
    }

    private void walkFromKeyToKey() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(map.keySize(), Long.BYTES);
            MemorySegment value = arena.allocate(map.valueBytes(), Long.BYTES);
            for (ByteBuffer met : keys(arena)) {
                MemorySegment.copy(met.array(), 0, key, ValueLayout.JAVA_BYTE, 0, map.keySize());
                if (map.lookup(key, value)) {
                    visitor.visit(key, value);
                }
            }
        }
    }

    private Set<ByteBuffer> keys(Arena arena) {
        Set<ByteBuffer> met = new LinkedHashSet<>();
        MemorySegment next = arena.allocate(map.keySize(), Long.BYTES);
        MemorySegment previous = arena.allocate(map.keySize(), Long.BYTES);
        int fruitless = 0;
        boolean more = map.nextKey(MemorySegment.NULL, next);
        while (more) {
            fruitless = met.add(ByteBuffer.wrap(next.toArray(ValueLayout.JAVA_BYTE))) ? 0 : fruitless + 1;
            if (fruitless > MAX_FRUITLESS_STEPS) {
                throw new IllegalStateException(
                        map.label() + ": keys are deleted faster than the map can be walked; " + met.size() + " met");
            }
            previous.copyFrom(next);
            more = map.nextKey(previous, next);
        }
        return met;
    }
}
