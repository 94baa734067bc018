package net.sniproxy.proxy.datapath.splice;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.ring.RingBuffer;
import net.sniproxy.kernel.SpliceEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that are armed or spliced, and the thread that tells them what the kernel reports. Thread-safe. */
final class LiveSplices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveSplices.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Map<Long, SplicedConnection> byId = new ConcurrentHashMap<>();
    private final Codec<SpliceEvent> events = Codec.of(SpliceEvent.class);
    private final Resets resets;
    private final RingBuffer ring;
    private final Thread thread;
    private volatile boolean closed;

    LiveSplices(Kernel kernel, BpfMap events, Resets resets) {
        this.resets = resets;
        this.ring = RingBuffer.open(kernel, events);
        this.thread = Thread.ofPlatform().daemon().name("sni-proxy-splice").start(this::read);
    }

    void add(SplicedConnection connection) {
        byId.put(connection.id(), connection);
    }

    void remove(SplicedConnection connection) {
        byId.remove(connection.id(), connection);
    }

    Resets resets() {
        return resets;
    }

    private void read() {
        while (!closed) {
            try {
                ring.await(PATIENCE, data -> tell(events.read(data, 0)));
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.error("splice: an event was not understood", e);
                }
            }
        }
    }

    private void tell(SpliceEvent event) {
        SplicedConnection connection = byId.get(event.splice());
        if (connection != null) {
            connection.changed(event);
        }
    }

    /** Stops the thread; connections that are spliced go on in the kernel. */
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
