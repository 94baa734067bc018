package net.sniproxy.proxy.stats;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;
import net.sniproxy.proxy.dns.CacheCounters;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.logging.Logging;

/**
 * Counts connections for Prometheus. Labels take their values from enums alone, so that no client can make a time series.
 * Bytes are counted when a connection ends.
 *
 * <p>Thread-safe; the owner closes it.
 */
public final class Metrics implements ConnectionObserver, AutoCloseable {
    private static final Duration[] CONNECT_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };
    private static final Duration[] DURATION_BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final LongAdder open = new LongAdder();
    private final Counter accepted;
    private final Timer connect;
    private final Timer duration;
    private final Map<Ending, Counter> ended = new EnumMap<>(Ending.class);
    private final Map<DataPathKind, Counter> chosen = new EnumMap<>(DataPathKind.class);
    private final Map<Direction, Map<DataPathKind, Counter>> forwarded = new EnumMap<>(Direction.class);

    /** Every series exists from the start, at zero. */
    public Metrics() {
        accepted = Counter.builder("sniproxy.connections.accepted")
                .description("Connections accepted")
                .register(registry);
        Gauge.builder("sniproxy.connections.open", open, LongAdder::sum)
                .description("Connections open now")
                .register(registry);
        connect = Timer.builder("sniproxy.upstream.connect")
                .description("From the choice of a target to the established connection, name resolution included")
                .serviceLevelObjectives(CONNECT_BUCKETS)
                .register(registry);
        duration = Timer.builder("sniproxy.connection.duration")
                .description("From accept to the end of a connection")
                .serviceLevelObjectives(DURATION_BUCKETS)
                .register(registry);
        for (Ending ending : Ending.values()) {
            ended.put(ending, endedCounter(ending));
        }
        for (DataPathKind path : DataPathKind.values()) {
            chosen.put(path, chosenCounter(path));
        }
        for (Direction direction : Direction.values()) {
            Map<DataPathKind, Counter> byPath = new EnumMap<>(DataPathKind.class);
            for (DataPathKind path : DataPathKind.values()) {
                byPath.put(path, forwardedCounter(direction, path));
            }
            forwarded.put(direction, byPath);
        }
        FunctionCounter.builder("sniproxy.log.lines.lost", this, metrics -> Logging.linesLost())
                .description("Log lines lost because they came faster than they could be written")
                .register(registry);
        bindProcess();
    }

    private Counter endedCounter(Ending ending) {
        return Counter.builder("sniproxy.connections.ended")
                .description("Connections that ended, by how")
                .tag("ending", ending.label())
                .tag("refused", Boolean.toString(ending.refused()))
                .register(registry);
    }

    private Counter chosenCounter(DataPathKind path) {
        return Counter.builder("sniproxy.connections.forwarded")
                .description("Connections forwarded, by data path")
                .tag("path", path.label())
                .register(registry);
    }

    private Counter forwardedCounter(Direction direction, DataPathKind path) {
        return Counter.builder("sniproxy.forwarded")
                .description("Bytes forwarded on connections that have ended; up is towards the upstream")
                .baseUnit("bytes")
                .tag("direction", direction == Direction.UP ? "up" : "down")
                .tag("path", path.label())
                .register(registry);
    }

    private void bindProcess() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    @Override
    public void on(ConnectionEvent event) {
        switch (event) {
            case ConnectionEvent.Opened opened -> {
                accepted.increment();
                open.increment();
            }
            case ConnectionEvent.HelloRead read -> {}
            case ConnectionEvent.Routed routed -> {}
            case ConnectionEvent.Connected connected -> connect.record(connected.took());
            case ConnectionEvent.PathChosen path -> counter(chosen, path.path()).increment();
            case ConnectionEvent.Closed closed -> count(closed);
        }
    }

    private void count(ConnectionEvent.Closed closed) {
        open.decrement();
        counter(ended, closed.ending()).increment();
        duration.record(closed.duration());
        DataPathKind path = closed.path().orElse(DataPathKind.RELAY);
        bytes(Direction.UP, path).increment(closed.bytesUp());
        bytes(Direction.DOWN, path).increment(closed.bytesDown());
    }

    private Counter bytes(Direction direction, DataPathKind path) {
        return counter(Optional.ofNullable(forwarded.get(direction)).orElseThrow(), path);
    }

    private static <K> Counter counter(Map<K, Counter> counters, K key) {
        return Optional.ofNullable(counters.get(key)).orElseThrow();
    }

    /** Serves these counters too. */
    public void watch(CacheCounters names) {
        dnsLookups("hit", names, CacheCounters::hits);
        dnsLookups("miss", names, CacheCounters::misses);
        dnsLookups("stale", names, CacheCounters::stale);
        FunctionCounter.builder("sniproxy.dns.prefetches", names, CacheCounters::prefetches)
                .description("Names asked for before their addresses expired")
                .register(registry);
    }

    private void dnsLookups(String result, CacheCounters names, ToDoubleFunction<CacheCounters> count) {
        FunctionCounter.builder("sniproxy.dns.lookups", names, count)
                .description("Lookups in the caches of names, one for each address family")
                .tag("result", result)
                .register(registry);
    }

    /** Shows how the running kernel did in the checks that a data path depends on. Called once. */
    public void selfTest(List<Outcome> outcomes) {
        for (Outcome outcome : outcomes) {
            Gauge.builder("sniproxy.sockmap.check.passed", () -> outcome.passed() ? 1 : 0)
                    .description("Whether the kernel passed a check of redirection between sockets at the start")
                    .tag("check", outcome.check().label())
                    .register(registry);
        }
    }

    /** Everything, in Prometheus' text format 0.0.4. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
