package net.sniproxy.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.sniproxy.bpf.testing.Eventually;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever is logged is written, in its order; where the disk is too slow for that, nobody waits, and what is lost is counted. */
class LineQueueTest {
    private static final int LINES = 1_000;
    private static final int QUEUED = 10;

    @Test
    void shouldLoseLinesRatherThanWaitAndCountThem() throws InterruptedException {
        long lostBefore = LineQueue.lost();
        LoggerContext context = context();
        var disk = new StuckDisk();
        Logger logger = logger(context, QUEUED, disk);
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

    @Test
    void shouldWriteEveryLineInItsOrderAlthoughItIsStopped() {
        LoggerContext context = context();
        var disk = new ByteArrayOutputStream();
        Logger logger = logger(context, LINES, new BufferedOutputStream(disk));
        List<String> lines =
                IntStream.range(0, LINES).mapToObj(i -> "line " + i).toList();

        lines.forEach(logger::info);
        context.stop();

        Eventually.holds(
                () -> assertThat(disk.toString(StandardCharsets.UTF_8).lines()).containsExactlyElementsOf(lines));
    }

    /** Nobody looks at a log only when it has ended. */
    @Test
    void shouldWriteALineThatNoOtherFollows() {
        LoggerContext context = context();
        var disk = new ByteArrayOutputStream();
        try {
            logger(context, LINES, new BufferedOutputStream(disk)).info("the only one");

            Eventually.holds(
                    () -> assertThat(disk.toString(StandardCharsets.UTF_8)).isEqualTo("the only one\n"));
        } finally {
            context.stop();
        }
    }

    private static LoggerContext context() {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        return context;
    }

    /** A logger with a queue for so many lines, started, in front of a disk. */
    private static Logger logger(LoggerContext context, int capacity, OutputStream disk) {
        var encoder = new PatternLayoutEncoder();
        encoder.setPattern("%msg%n");
        encoder.setContext(context);
        encoder.start();
        var appender = new OutputStreamAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(disk);
        appender.setImmediateFlush(false);
        appender.start();
        var queue = new LineQueue(capacity, appender);
        queue.setContext(context);
        queue.start();
        Logger logger = context.getLogger("test");
        logger.addAppender(queue);
        return logger;
    }

    private static final class StuckDisk extends OutputStream {
        private final CountDownLatch works = new CountDownLatch(1);
        private final AtomicInteger written = new AtomicInteger();

        @Override
        public void write(int letter) {
            try {
                works.await();
                if (letter == '\n') {
                    written.incrementAndGet();
                }
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
