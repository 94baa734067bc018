package net.sniproxy.proxy.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands lines to a thread of its own that writes them. When a disk does not keep up, lines are lost rather than event loops held
 * up; the lost ones are counted, and the log says how many as soon as there is room again.
 *
 * <p>After each batch the thread pauses for {@value #PAUSE_MILLIS} ms: lines that come meanwhile go out together and wake nobody. To
 * wake a thread for each line, as Logback's own queue does, takes longer than to write it. Thread-safe.
 */
final class LineQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(LineQueue.class);
    private static final AtomicLong LOST = new AtomicLong();

    private static final int PAUSE_MILLIS = 5;
    /** How long the end may take while the last lines are written. */
    private static final long LONGEST_END_MILLIS = 5_000;

    private final BlockingQueue<ILoggingEvent> lines;
    private final OutputStreamAppender<ILoggingEvent> target;
    private final Thread writer = new Thread(this::write, "sni-proxy-log");
    /** Lost lines that the log does not speak of yet. */
    private final AtomicLong untold = new AtomicLong();

    /**
     * Nothing happens before {@link #start}.
     *
     * @param capacity lines that wait while others are being written
     * @param target started, without a flush for each line; this queue's to stop
     */
    LineQueue(int capacity, OutputStreamAppender<ILoggingEvent> target) {
        this.lines = new ArrayBlockingQueue<>(capacity);
        this.target = target;
        writer.setDaemon(true);
    }

    /** Lines that this process has lost. */
    static long lost() {
        return LOST.get();
    }

    @Override
    public void start() {
        super.start();
        writer.start();
    }

    /** Waits until what is queued is written, but not for a disk that is stuck. */
    @Override
    public void stop() {
        if (!isStarted()) {
            return;
        }
        super.stop();
        writer.interrupt();
        try {
            writer.join(LONGEST_END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        if (!lines.offer(event)) {
            LOST.incrementAndGet();
            untold.incrementAndGet();
        }
    }

    private void write() {
        List<ILoggingEvent> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(lines.take());
                writeAll(batch);
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException stopped) {
            writeAll(batch);
            target.stop();
        }
    }

    /** The lines that are given and those that wait; none is left in the list. */
    private void writeAll(List<ILoggingEvent> batch) {
        lines.drainTo(batch);
        tellOfLostLines(); // While there is room for one more.
        batch.forEach(target::doAppend);
        batch.clear();
        flush();
    }

    private void tellOfLostLines() {
        long gone = untold.getAndSet(0);
        if (gone != 0) {
            LOG.warn("{} log lines were lost: they came faster than they could be written", gone);
        }
    }

    private void flush() {
        OutputStream stream = target.getOutputStream();
        if (stream == null) {
            return; // A file was rotated, and the new one could not be opened.
        }
        try {
            stream.flush();
        } catch (IOException e) {
            addError("lines were not written", e);
        }
    }
}
