package net.sniproxy.bpf.testing;

import java.time.Duration;

/** Waits for what the kernel, or another process, does in its own time. */
public final class Eventually {
    private static final long DEADLINE_NANOS = Duration.ofSeconds(60).toNanos();
    private static final long FIRST_PAUSE_MILLIS = 1;
    private static final long LONGEST_PAUSE_MILLIS = 50;

    private Eventually() {}

    /** Repeats an assertion until it holds; after a minute its failure is the test's. */
    public static void holds(Runnable assertion) {
        long start = System.nanoTime();
        for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            try {
                assertion.run();
                return;
            } catch (AssertionError failure) {
                if (System.nanoTime() - start > DEADLINE_NANOS) {
                    throw failure;
                }
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
