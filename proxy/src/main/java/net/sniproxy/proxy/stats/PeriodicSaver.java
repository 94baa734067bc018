package net.sniproxy.proxy.stats;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Saves every few seconds on a thread of its own, and once more when closed. */
final class PeriodicSaver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeriodicSaver.class);
    private static final int LAST_SAVE_SECONDS = 10;

    private final List<? extends Saved> saved;
    /** Those whose last save failed; for the thread alone. */
    private final Set<Saved> failing = new HashSet<>();

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sni-proxy-files").factory());

    PeriodicSaver(List<? extends Saved> saved, Duration interval) {
        this.saved = List.copyOf(saved);
        thread.scheduleWithFixedDelay(this::saveAll, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void saveAll() {
        for (Saved state : saved) {
            try {
                state.save();
                failing.remove(state);
            } catch (IOException | RuntimeException e) {
                // Thrown on, it would end the schedule. The next turn tries again; the log has it once.
                if (failing.add(state)) {
                    LOG.warn("a tracking file cannot be written, retrying every few seconds: {}", e.toString());
                }
            }
        }
    }

    @Override
    public void close() {
        thread.execute(this::saveAll);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_SAVE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the tracking files were not written in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
