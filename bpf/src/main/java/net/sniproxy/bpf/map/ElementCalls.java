package net.sniproxy.bpf.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.SystemCalls;

/**
 * The calls of bpf(2) about one element of a map. Each thread has one struct for the arguments, so that a call
 * allocates nothing.
 */
final class ElementCalls {
    private static final int SIZE = 32;
    private static final long DESCRIPTOR = 0;
    private static final long KEY = 8;
    /** Also the next key. */
    private static final long VALUE = 16;

    private static final long FLAGS = 24;

    private static final ThreadLocal<MemorySegment> ATTRIBUTES =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(SIZE, Long.BYTES));

    private ElementCalls() {}

    /**
     * Makes one call.
     *
     * @param value what the command reads or writes beside the key; {@link MemorySegment#NULL} if nothing
     * @return the result, or a negated error number
     */
    static int call(
            SystemCalls calls, BpfCommand command, int map, MemorySegment key, MemorySegment value, long flags) {
        MemorySegment attributes = ATTRIBUTES.get();
        attributes.set(ValueLayout.JAVA_INT, DESCRIPTOR, map);
        attributes.set(ValueLayout.JAVA_LONG, KEY, key.address());
        attributes.set(ValueLayout.JAVA_LONG, VALUE, value.address());
        attributes.set(ValueLayout.JAVA_LONG, FLAGS, flags);
        int result = calls.bpf(command.number(), attributes, SIZE);
        Reference.reachabilityFence(key);
        Reference.reachabilityFence(value);
        return result;
    }
}
