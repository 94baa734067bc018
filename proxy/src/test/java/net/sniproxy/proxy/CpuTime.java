package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** What event loops cost. */
final class CpuTime {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private CpuTime() {}

    /** CPU time of all event loops of this process, in nanoseconds. */
    static long ofEventLoops() {
        ThreadInfo[] threads = THREADS.getThreadInfo(THREADS.getAllThreadIds());
        return Arrays.stream(threads)
                .filter(thread -> thread != null && thread.getThreadName().startsWith("sni-proxy-loop"))
                .mapToLong(thread -> Math.max(0, THREADS.getThreadCpuTime(thread.getThreadId())))
                .sum();
    }

    /**
     * Waits until the event loops are at rest although a sender wants to send on: for 200 ms they use less than a twentieth of a
     * processor. A loop that spins never comes to rest, and fails this.
     */
    static void awaitRest(BooleanSupplier over) throws InterruptedException {
        long deadline = System.nanoTime() + TestProxy.PATIENCE_MILLIS * 1_000_000L;
        while (true) {
            long before = ofEventLoops();
            Thread.sleep(200);
            long used = ofEventLoops() - before;
            assertThat(over.getAsBoolean()).as("the sender is held back").isFalse();
            if (used < 10_000_000) {
                return;
            }
            assertThat(System.nanoTime() - deadline)
                    .as("event loops come to rest; they used %d ms of the last 200", used / 1_000_000)
                    .isNegative();
        }
    }
}
