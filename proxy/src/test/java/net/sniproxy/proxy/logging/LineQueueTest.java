package net.sniproxy.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A log that is written too slowly: nobody waits, and every line is either written or counted. */
class LineQueueTest {
    private static final int LINES = 1_000;
    private static final int QUEUED = 10;

    @Test
    void shouldLoseLinesRatherThanWaitAndCountThem() throws InterruptedException {
        long lostBefore = LineQueue.lost();
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        var disk = new StuckDisk();
        disk.setContext(context);
        disk.start();
        var queue = new LineQueue();
        queue.setContext(context);
        queue.setQueueSize(QUEUED);
        queue.addAppender(disk);
        queue.start();
        Logger logger = context.getLogger("test");
        logger.addAppender(queue);
        var warned = new Warnings();
        Logger own = (Logger) LoggerFactory.getLogger(LineQueue.class);
        own.addAppender(warned);
        warned.start();
        try {
            for (int i = 0; i < LINES; i++) {
                logger.info("line {}", i);
            }
            long lost = LineQueue.lost() - lostBefore;
            assertThat(lost)
                    .as("all but those in the queue and those that the writing thread took out of it")
                    .isBetween(LINES - 3L * QUEUED, LINES - (long) QUEUED);
            disk.works.countDown();
            int more = 0;
            while (!warned.seen.await(1, TimeUnit.MILLISECONDS)) {
                logger.info("there is room again");
                more++;
            }
            assertThat(warned.message).matches("\\d+ log lines were lost.*");
            long wanted = LINES + more;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (disk.written.get() + LineQueue.lost() - lostBefore != wanted) {
                assertThat(System.nanoTime() - deadline)
                        .as("%d lines written of %d", disk.written.get(), wanted)
                        .isNegative();
                Thread.sleep(1);
            }
        } finally {
            own.detachAppender(warned);
            context.stop();
        }
    }

    private static final class StuckDisk extends AppenderBase<ILoggingEvent> {
        private final CountDownLatch works = new CountDownLatch(1);
        private final AtomicInteger written = new AtomicInteger();

        @Override
        protected void append(ILoggingEvent event) {
            try {
                works.await();
                written.incrementAndGet();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class Warnings extends AppenderBase<ILoggingEvent> {
        private final CountDownLatch seen = new CountDownLatch(1);
        private volatile String message = "";

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel() == Level.WARN && seen.getCount() > 0) {
                message = event.getFormattedMessage();
                seen.countDown();
            }
        }
    }
}
