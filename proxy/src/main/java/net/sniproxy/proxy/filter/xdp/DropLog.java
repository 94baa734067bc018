package net.sniproxy.proxy.filter.xdp;

import java.time.Duration;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.ring.RingBuffer;
import net.sniproxy.kernel.FilterSample;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that writes the kernel's samples of drops to the log, at most so many a second. */
final class DropLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DropLog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int LINES_PER_SECOND = 10;
    private static final long SECOND = 1_000_000_000L;

    private final Codec<FilterSample> codec = Codec.of(FilterSample.class);
    private final RingBuffer ring;
    private final Thread thread;
    private long second = System.nanoTime();
    private int lines;
    private int left;
    private volatile boolean closed;

    DropLog(Kernel kernel, BpfMap samples) {
        this.ring = RingBuffer.open(kernel, samples);
        this.thread = Thread.ofPlatform().daemon().name("sni-proxy-drops").start(this::read);
    }

    private void read() {
        while (!closed) {
            try {
                ring.await(PATIENCE, data -> tell(codec.read(data, 0)));
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.error("source filter: a sample was not understood", e);
                }
            }
        }
    }

    private void tell(FilterSample sample) {
        long now = System.nanoTime();
        if (now - second > SECOND) {
            if (left > 0) {
                LOG.info("source filter: {} more drops were not logged", left);
            }
            second = now;
            lines = 0;
            left = 0;
        }
        if (lines == LINES_PER_SECOND) {
            left++;
            return;
        }
        lines++;
        String reason = DropReason.of(sample.reason()).map(DropReason::label).orElse("unknown");
        LOG.info(
                "source filter: dropped a packet of {} to port {}: {}",
                AddressWords.source(sample).getHostAddress(),
                sample.port(),
                reason);
    }

    /** Stops the thread. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ring.close();
    }
}
