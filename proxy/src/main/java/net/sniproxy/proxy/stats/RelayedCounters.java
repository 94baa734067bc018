package net.sniproxy.proxy.stats;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.kernel.TrafficCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link TrafficCounter#RELAYED_SENT} and {@link TrafficCounter#RELAYED_RECEIVED} up to date, about every second and once more
 * when it is closed, so that {@code TRAFFIC_STATS} has all bytes of all data paths. It is the only writer of these two, and goes
 * on from where an earlier process stopped.
 */
public final class RelayedCounters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayedCounters.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A look at all connections takes at most a tenth of the time. */
    private static final long SHARE = 10;

    private final TrafficLedger traffic;
    private final Supplier<Optional<BpfMap>> map;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sni-proxy-counters").factory());
    /** The map that is written, and what an earlier process left in it. For the thread alone. */
    private Optional<Target> target = Optional.empty();

    private record Target(BpfMap map, PerCpuMap<Integer, Long> counters, long sentBefore, long receivedBefore) {
        void write(Volume relayed) {
            set(counters, TrafficCounter.RELAYED_SENT, sentBefore + relayed.bytesUp());
            set(counters, TrafficCounter.RELAYED_RECEIVED, receivedBefore + relayed.bytesDown());
        }
    }

    private RelayedCounters(TrafficLedger traffic, Supplier<Optional<BpfMap>> map) {
        this.traffic = traffic;
        this.map = map;
    }

    /**
     * Starts the thread.
     *
     * @param map {@code TRAFFIC_STATS}, when there is one
     */
    public static RelayedCounters start(TrafficLedger traffic, Supplier<Optional<BpfMap>> map) {
        RelayedCounters counters = new RelayedCounters(traffic, map);
        counters.thread.schedule(counters::writeAgain, INTERVAL_NANOS, TimeUnit.NANOSECONDS);
        return counters;
    }

    private void writeAgain() {
        long start = System.nanoTime();
        write();
        long next = Math.max(INTERVAL_NANOS, (System.nanoTime() - start) * SHARE);
        try {
            thread.schedule(this::writeAgain, next, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("counted for the last time");
        }
    }

    private void write() {
        try {
            map.get().ifPresent(this::write);
        } catch (BpfException | IllegalStateException e) {
            // The maps may just have been closed.
            LOG.debug("what was relayed is not in TRAFFIC_STATS", e);
        }
    }

    private void write(BpfMap found) {
        Optional<Target> former = target.filter(known -> known.map() != found);
        if (target.isEmpty() || former.isPresent()) {
            PerCpuMap<Integer, Long> counters = PerCpuMap.of(found, Codec.u32(), Codec.u64());
            target = Optional.of(new Target(
                    found,
                    counters,
                    sum(counters, TrafficCounter.RELAYED_SENT),
                    sum(counters, TrafficCounter.RELAYED_RECEIVED)));
        }
        target.get().write(traffic.snapshot().relayed());
        // What is written to one map must not count in another one too. Last, for that one may be closed.
        former.ifPresent(left -> left.write(Volume.NONE));
    }

    private static long sum(PerCpuMap<Integer, Long> counters, int index) {
        return counters.lookup(index).orElse(List.of()).stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** All of it stands at the first CPU: reading is adding up. */
    private static void set(PerCpuMap<Integer, Long> counters, int index, long value) {
        List<Long> perCpu = new ArrayList<>(Collections.nCopies(counters.cpus(), 0L));
        perCpu.set(0, value);
        counters.update(index, perCpu, UpdateMode.ANY);
    }

    @Override
    public void close() {
        thread.execute(this::write);
        thread.close();
    }
}
