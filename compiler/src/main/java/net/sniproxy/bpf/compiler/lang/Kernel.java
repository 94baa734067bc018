package net.sniproxy.bpf.compiler.lang;

import java.util.Random;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Helpers that need neither context nor map. */
public final class Kernel {
    private static final ThreadLocal<Random> RANDOM = ThreadLocal.withInitial(Random::new);
    private static final ThreadLocal<LongSupplier> CLOCK = ThreadLocal.withInitial(() -> System::nanoTime);

    private Kernel() {}

    /** Nanoseconds since boot, not counting suspension. */
    @Helper(5)
    public static long nanoTime() {
        return CLOCK.get().getAsLong();
    }

    /** Sets what {@link #nanoTime} says to programs that this thread of the JVM runs; for tests, which stop the clock. */
    public static void setClock(LongSupplier clock) {
        CLOCK.set(clock);
    }

    /** {@link #nanoTime} as it was at the last tick (1 to 10 ms ago); much cheaper. Since Linux 5.11. */
    @Helper(160)
    public static long coarseNanoTime() {
        return nanoTime();
    }

    /** 32 pseudo-random bits. */
    @Helper(7)
    public static int random() {
        return RANDOM.get().nextInt();
    }

    /** The number of the CPU that runs the program. */
    @Helper(8)
    public static int cpu() {
        return 0;
    }

    /**
     * Reads four bytes of the kernel's memory. Since Linux 5.5; needs CAP_PERFMON, and a kernel that is not locked down to
     * confidentiality.
     *
     * @param destination 0 afterwards if the address is not readable
     * @param address of a struct, with the offset of a member added
     * @return 0, or {@link Errno#EFAULT}
     */
    @Helper(113)
    public static int read(@Sized U32 destination, long address) {
        destination.value = KernelMemory.read(address);
        return 0;
    }

    /**
     * Writes a line to {@code trace_pipe}. Slow: for debugging only.
     *
     * @param format a constant with up to two conversions of {@code long}, such as {@code %lu}
     * @param first for the first conversion
     * @param second for the second conversion
     * @return bytes written
     */
    @Helper(6)
    public static int trace(@Sized String format, long first, long second) {
        return format.length();
    }

    /**
     * The verdict that sends the packet out of another interface, its neighbour entry looked up by the kernel.
     *
     * @param ifindex the interface
     * @param parameters {@code struct bpf_redir_neigh}, the next hop; null: the route to the packet's destination is looked up
     * @param parametersSize 20, or 0 for null
     * @param flags 0
     * @return {@link TcAction#REDIRECT}, or {@link TcAction#SHOT}
     */
    @Helper(152)
    public static int redirectNeighbour(int ifindex, @Nullable Buffer parameters, int parametersSize, long flags) {
        return TcAction.REDIRECT;
    }

    /**
     * The verdict that sends the packet to another interface.
     *
     * @param ifindex the interface
     * @param flags 0 to send, 1 to receive it there
     * @return {@link TcAction#REDIRECT}
     */
    @Helper(23)
    public static int redirect(int ifindex, long flags) {
        return TcAction.REDIRECT;
    }

    /**
     * How the ones' complement sum changes when {@code from} becomes {@code to}.
     *
     * @param from the old bytes, or null
     * @param fromSize their number, a multiple of 4, 0 for null
     * @param to the new bytes, or null
     * @param toSize their number, a multiple of 4, 0 for null
     * @param seed a sum to begin with
     * @return the sum
     */
    @Helper(28)
    public static long checksumDifference(
            @Nullable Buffer from, int fromSize, @Nullable Buffer to, int toSize, int seed) {
        if (fromSize % 4 != 0 || toSize % 4 != 0) {
            return Errno.EINVAL;
        }
        int sum = seed;
        if (to != null) {
            sum = Checksums.sum(to.bytes(toSize), toSize, sum);
        }
        if (from != null) {
            sum = Checksums.add(sum, ~Checksums.sum(from.bytes(fromSize), fromSize, 0));
        }
        return Integer.toUnsignedLong(Checksums.fold16(sum));
    }
}
