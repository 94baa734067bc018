package net.sniproxy.proxy.datapath.splice;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.ring.RingBuffer;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that are armed or spliced, and the thread that tells them what the kernel reports. An event that found the
 * ring full is made up for by a look at all entries now and then, which takes at most a hundredth of a CPU. Thread-safe.
 */
final class LiveSplices implements AutoCloseable {
    /** The name of its thread. */
    static final String THREAD = "sni-proxy-splice";

    private static final Logger LOG = LoggerFactory.getLogger(LiveSplices.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration SWEEP = Duration.ofSeconds(10);
    private static final long SWEEP_SHARE = 100;
    /** So many are asked for one by one: a walk goes through the whole table, which has room for a million. */
    private static final int FEW = 500;

    /** How long entries of a connection that has ended serve late retransmissions. */
    private static final long LINGER_NANOS = Duration.ofSeconds(10).toNanos();

    private final Map<Long, Listener> byId = new ConcurrentHashMap<>();
    private final Queue<Lingering> lingering = new ConcurrentLinkedQueue<>();
    private final Map<Long, Lingering> lingeringById = new ConcurrentHashMap<>();
    private final Codec<SpliceEvent> events = Codec.of(SpliceEvent.class);
    private final SpliceTables tables;
    private final SpliceNotes notes;
    private final Resets resets;
    private final RingBuffer ring;
    private final Thread thread;
    private final long sweepNanos;
    private long nextSweep;
    private volatile boolean closed;

    /** Is told of changes, perhaps more than once of the same; on the thread of the events. */
    interface Listener {
        void changed(SpliceEvent event);

        /** Is told, now and then, how things stand; on any thread. */
        default void seen(Splice now) {}
    }

    private record Lingering(SpliceTables.Keys keys, long until) {}

    LiveSplices(Kernel kernel, BpfMap events, SpliceTables tables, SpliceNotes notes) {
        this(kernel, events, tables, notes, SWEEP);
    }

    /** @param sweep how long an event that was lost may remain unnoticed, where the tables are small */
    LiveSplices(Kernel kernel, BpfMap events, SpliceTables tables, SpliceNotes notes, Duration sweep) {
        this.tables = tables;
        this.sweepNanos = sweep.toNanos();
        this.nextSweep = System.nanoTime() + sweepNanos;
        this.notes = notes;
        this.resets = new Resets(kernel);
        this.ring = RingBuffer.open(kernel, events);
        this.thread = Thread.ofPlatform().daemon().name(THREAD).start(this::run);
    }

    /** From now on this one is told of the connection, instead of another if there was one. */
    void add(long id, Listener listener) {
        byId.put(id, listener);
    }

    void remove(long id, Listener listener) {
        byId.remove(id, listener);
    }

    /** Removes the entries when late packets need no answer any more, or somebody else needs the place. */
    void removeLater(SpliceTables.Keys keys) {
        Lingering last = new Lingering(keys, System.nanoTime() + LINGER_NANOS);
        lingeringById.put(keys.id(), last);
        lingering.add(last);
    }

    /** Ends what only waits for late packets; false if it is not that. */
    boolean endNow(long id) {
        Lingering last = lingeringById.remove(id);
        if (last == null) {
            return false;
        }
        remove(List.of(last.keys()));
        return true;
    }

    /** Removes the entries of connections, those of many at once where it can be. */
    void remove(List<SpliceTables.Keys> gone) {
        tables.removeAll(gone);
        notes.removeAll(gone.stream().map(SpliceTables.Keys::id).toList());
    }

    int count() {
        return byId.size();
    }

    Resets resets() {
        return resets;
    }

    SpliceNotes notes() {
        return notes;
    }

    /** Whether connections go on without this process. */
    boolean survive() {
        return notes.kept();
    }

    private void run() {
        while (!closed) {
            try {
                ring.await(PATIENCE, data -> tell(events.read(data, 0)));
                endLingering(System.nanoTime());
                if (System.nanoTime() - nextSweep >= 0) {
                    sweep();
                }
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.error("splice: an event was not understood", e);
                }
            }
        }
    }

    /** Ends what waits for late packets, as far as its time is over at this moment. */
    void endLingering(long now) {
        List<SpliceTables.Keys> gone = new ArrayList<>();
        for (Lingering first = lingering.peek(); first != null && now - first.until() >= 0; first = lingering.peek()) {
            lingering.remove();
            if (lingeringById.remove(first.keys().id(), first)) {
                gone.add(first.keys());
            }
        }
        remove(gone);
    }

    private void sweep() {
        long start = System.nanoTime();
        forEachLive((id, splice) -> {
            if (splice.state != Splice.ARMED) {
                tell(SpliceEvent.of(id, splice));
            }
        });
        long now = System.nanoTime();
        nextSweep = now + Math.max(sweepNanos, (now - start) * SWEEP_SHARE);
    }

    /** Tells everybody how things stand. */
    void look() {
        forEachLive((id, splice) -> {
            Listener listener = byId.get(id);
            if (listener != null) {
                listener.seen(splice);
            }
        });
    }

    /** Perhaps others too. */
    private void forEachLive(BiConsumer<Long, Splice> action) {
        if (byId.size() > FEW) {
            tables.forEach(action);
        } else {
            byId.keySet().forEach(id -> tables.splice(id).ifPresent(now -> action.accept(id, now)));
        }
    }

    private void tell(SpliceEvent event) {
        Listener listener = byId.get(event.splice());
        if (listener != null) {
            listener.changed(event);
        }
    }

    /**
     * Stops the thread, and removes what only waited for late packets; connections that are spliced go on in the kernel. A second
     * call does nothing.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            thread.join(PATIENCE.multipliedBy(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endLingering(System.nanoTime() + LINGER_NANOS);
        ring.close();
    }
}
