package net.sniproxy.proxy.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands lines to the thread that writes them. When a disk does not keep up, lines are lost rather than event loops held up; the
 * lost ones are counted, and the log says how many as soon as there is room again.
 */
final class LineQueue extends AsyncAppender {
    private static final Logger LOG = LoggerFactory.getLogger(LineQueue.class);
    private static final AtomicLong LOST = new AtomicLong();

    /** Not told yet. */
    private final AtomicLong untold = new AtomicLong();

    LineQueue() {
        setDiscardingThreshold(0);
        setNeverBlock(true);
    }

    /** Lines that this process has lost. */
    static long lost() {
        return LOST.get();
    }

    /** Two threads may see the last free place: so many lines can be lost without being counted as there are threads. */
    @Override
    protected void append(ILoggingEvent event) {
        if (getRemainingCapacity() == 0) {
            LOST.incrementAndGet();
            untold.incrementAndGet();
            return;
        }
        super.append(event);
        if (untold.get() != 0 && getRemainingCapacity() > getQueueSize() / 2) {
            long lines = untold.getAndSet(0);
            if (lines != 0) {
                // On another thread: an appender takes no line while it is being given one.
                Thread.startVirtualThread(
                        () -> LOG.warn("{} log lines were lost: they came faster than they could be written", lines));
            }
        }
    }
}
