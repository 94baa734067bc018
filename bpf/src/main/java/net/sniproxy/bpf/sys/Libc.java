package net.sniproxy.bpf.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Calls libc's {@code syscall(2)} and reads errno, which the linker saves before the JVM can overwrite it.
 *
 * <p>To link it takes a fresh JVM tens of milliseconds, so that is done for the first call and not before.
 */
@SuppressWarnings("restricted") // the one place that may make native calls
final class Libc {
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> CALL_STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

    // Three arguments stay in registers; bpf(2), the only call that must be fast, has three.
    private static final MethodHandle CALL_3 = systemCall(3);

    /** Apart, since loading programs does without it. */
    private static final class SixArguments {
        static final MethodHandle CALL = systemCall(6);
    }

    private Libc() {}

    /**
     * C declares {@code syscall} with {@code ...}, but integers are handed over there as everywhere on Linux, and to link it
     * as what it is takes a third longer.
     */
    private static MethodHandle systemCall(int arguments) {
        MemoryLayout[] types = new MemoryLayout[arguments + 1];
        Arrays.fill(types, ValueLayout.JAVA_LONG);
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, types),
                ERRNO);
    }

    /** Does what the first call and the first struct for one would otherwise wait for. */
    static void link() {
        try (Arena arena = Arena.ofConfined()) {
            Attributes.of(arena, Long.BYTES).putInt(0, 0).putLong(0, 0);
            errno(CALL_STATE.get());
        }
    }

    /** The result, or the negated error number. */
    static long call(int number, long a, long b, long c) {
        MemorySegment state = CALL_STATE.get();
        try {
            long result = (long) CALL_3.invokeExact(state, (long) number, a, b, c);
            return result != -1 ? result : -errno(state);
        } catch (Throwable unexpected) {
            throw new AssertionError("a native call does not throw", unexpected);
        }
    }

    /** The result, or the negated error number. */
    static long call(int number, long a, long b, long c, long d, long e, long f) {
        MemorySegment state = CALL_STATE.get();
        try {
            long result = (long) SixArguments.CALL.invokeExact(state, (long) number, a, b, c, d, e, f);
            return result != -1 ? result : -errno(state);
        } catch (Throwable unexpected) {
            throw new AssertionError("a native call does not throw", unexpected);
        }
    }

    private static int errno(MemorySegment state) {
        return state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }
}
