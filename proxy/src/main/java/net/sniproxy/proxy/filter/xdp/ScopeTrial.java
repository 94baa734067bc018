package net.sniproxy.proxy.filter.xdp;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Widens the scope to whole interfaces on trial: who has locked himself out cannot confirm it, and it ends by itself.
 * Thread-safe.
 */
final class ScopeTrial implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScopeTrial.class);

    private final Consumer<Boolean> wide;
    private final ScheduledExecutorService timer;
    private State state = State.NARROW;
    private @Nullable ScheduledFuture<?> end;

    /** How wide the scope is. */
    enum State {
        /** Listen addresses and ports. */
        NARROW("listen ports"),
        /** Whole interfaces, until the trial's end. */
        ON_TRIAL("every packet, on trial"),
        /** Whole interfaces. */
        CONFIRMED("every packet");

        private final String text;

        State(String text) {
            this.text = text;
        }

        /** For whoever asks. */
        String text() {
            return text;
        }
    }

    /** @param wide is told whether whole interfaces are judged; called with this object's lock held */
    ScopeTrial(Consumer<Boolean> wide) {
        this.wide = wide;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("sni-proxy-trial").factory());
    }

    synchronized boolean isWide() {
        return state != State.NARROW;
    }

    /** Tells again how wide the scope is. */
    synchronized void reapply() {
        wide.accept(isWide());
    }

    synchronized State state() {
        return state;
    }

    /** Begins a trial, or begins it anew. */
    synchronized void begin(Duration time) {
        if (state == State.CONFIRMED) {
            return;
        }
        cancel();
        wide.accept(true);
        state = State.ON_TRIAL;
        end = timer.schedule(this::revert, time.toMillis(), TimeUnit.MILLISECONDS);
        LOG.warn("source filter: every packet is judged for {} s; then again those to listen ports", time.toSeconds());
    }

    /** Makes it last. */
    synchronized void confirm() {
        if (state == State.NARROW) {
            throw new IllegalStateException("there is nothing to confirm: filter commit --confirm 60s begins a trial");
        }
        cancel();
        state = State.CONFIRMED;
        LOG.info("source filter: every packet is judged from now on");
    }

    /** Ends it, confirmed or not: whole interfaces are not asked for any more. */
    synchronized void end() {
        cancel();
        if (state != State.NARROW) {
            wide.accept(false);
            state = State.NARROW;
            LOG.info("source filter: packets to listen ports are judged, others pass");
        }
    }

    private synchronized void revert() {
        if (state == State.ON_TRIAL) {
            wide.accept(false);
            state = State.NARROW;
            end = null;
            LOG.warn("source filter: nobody confirmed: packets to listen ports are judged, others pass");
        }
    }

    private void cancel() {
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
