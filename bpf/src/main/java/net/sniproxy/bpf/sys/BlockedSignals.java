package net.sniproxy.bpf.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Signals that the whole process has blocked, taken one at a time by a thread that waits for them.
 *
 * <p>Blocking is inherited by each thread from the one that starts it, and across execve(2), so whoever starts the Java
 * virtual machine does it ({@code env --block-signal}); the option {@code -Xrs} keeps the machine from undoing it.
 *
 * <p>Immutable; {@link #take} is for one thread.
 */
public final class BlockedSignals {
    private static final int INTERRUPTED = -Errno.EINTR.number();
    private static final String MASK = "SigBlk:";

    private final SystemCalls calls;
    private final MemorySegment set;

    /**
     * A set of signals.
     *
     * @param numbers 1 to 64
     */
    public BlockedSignals(SystemCalls calls, Set<Integer> numbers) {
        this.calls = calls;
        this.set = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
        set.set(ValueLayout.JAVA_LONG, 0, bits(numbers));
    }

    /** Whether the calling thread has blocked all of the signals; no where /proc does not say. */
    public static boolean blocked(Set<Integer> numbers) {
        long wanted = bits(numbers);
        try (var lines = Files.lines(Path.of("/proc/thread-self/status"))) {
            return lines.filter(line -> line.startsWith(MASK))
                    .mapToLong(line ->
                            Long.parseUnsignedLong(line.substring(MASK.length()).strip(), 16))
                    .anyMatch(mask -> (mask & wanted) == wanted);
        } catch (IOException e) {
            return false;
        }
    }

    private static long bits(Set<Integer> numbers) {
        return numbers.stream().mapToLong(number -> 1L << (number - 1)).reduce(0, (a, b) -> a | b);
    }

    /**
     * Waits for the next signal of the set and returns its number.
     *
     * @throws IllegalStateException where the kernel refuses to wait
     */
    public int take() {
        while (true) {
            int result = calls.awaitSignal(set);
            if (result > 0) {
                return result;
            }
            if (result != INTERRUPTED) {
                throw new IllegalStateException("cannot wait for signals: " + Errno.of(result));
            }
        }
    }
}
