package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for a condition, with a limit: tests wait on what they need, never for a time. */
public final class Await {
    private static final Duration PAUSE = Duration.ofMillis(10);
    /** How many times slower than an idle machine this one may be: others are busy, or emulated. */
    private static final int PATIENCE = Integer.getInteger("e2e.patience", 3);

    private Await() {}

    /**
     * The first value of {@code source} that fits.
     *
     * @throws AssertionError when none came in time; it names what was awaited and the last value seen
     */
    public static <T> T until(String what, Duration limit, Callable<T> source, Predicate<T> fits) {
        long end = System.nanoTime() + patient(limit).toNanos();
        while (true) {
            T value = call(source);
            if (fits.test(value)) {
                return value;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + limit + ": " + what + "; last seen: " + value);
            }
            pause(PAUSE);
        }
    }

    /** As {@link #until(String, Duration, Callable, Predicate)}, with a message built only on failure. */
    public static void until(Supplier<String> what, Duration limit, Callable<Boolean> condition) {
        long end = System.nanoTime() + patient(limit).toNanos();
        while (!call(condition)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + limit + ": " + what.get());
            }
            pause(PAUSE);
        }
    }

    /** A limit on the machine that the tests run on. */
    public static Duration patient(Duration limit) {
        return limit.multipliedBy(PATIENCE);
    }

    /** Lets time pass where time itself is the input: a slow sender, an observation window. */
    public static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static <T> T call(Callable<T> source) {
        try {
            return source.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
