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
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;
import net.sniproxy.proxy.dns.CacheCounters;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.PathDeclined;
import net.sniproxy.proxy.logging.Logging;

/**
 * Everything that is counted, for Prometheus. Labels take their values from enums and from the configuration; names and
 * client addresses, which clients choose, are bounded ({@link TrafficSeries}).
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
    private final TrafficLedger ledger;
    private final KernelSeries kernel = new KernelSeries();
    private final Timer connect;
    private final Timer duration;
    /** As of the last scrape. */
    private volatile TrafficSnapshot traffic;

    /**
     * Every series whose labels are known exists from the start, at zero.
     *
     * @param ledger is told of every connection too
     * @param top how many names, and how many client addresses, have series of their own
     */
    public Metrics(TrafficLedger ledger, int top) {
        this.ledger = ledger;
        this.traffic = ledger.snapshot();
        connect = Timer.builder("sniproxy.upstream.connect")
                .description("From the choice of a target to the established connection, name resolution included")
                .serviceLevelObjectives(CONNECT_BUCKETS)
                .register(registry);
        duration = Timer.builder("sniproxy.connection.duration")
                .description("From accept to the end of a connection")
                .serviceLevelObjectives(DURATION_BUCKETS)
                .register(registry);
        registerConnections();
        for (DataPathKind path : DataPathKind.values()) {
            registerForwarded(path);
        }
        FunctionCounter.builder("sniproxy.log.lines.lost", this, metrics -> Logging.linesLost())
                .description("Log lines lost because they came faster than they could be written")
                .register(registry);
        registry.getPrometheusRegistry().register(new TrafficSeries(() -> traffic, top));
        registry.getPrometheusRegistry().register(kernel);
        bindProcess();
    }

    private void registerConnections() {
        FunctionCounter.builder("sniproxy.connections.accepted", this, metrics -> metrics.traffic.accepted())
                .description("Connections accepted, and taken over from an earlier process")
                .register(registry);
        Gauge.builder("sniproxy.connections.open", this, metrics -> metrics.traffic.open())
                .description("Connections open now")
                .register(registry);
        for (Ending ending : Ending.values()) {
            FunctionCounter.builder(
                            "sniproxy.connections.ended",
                            this,
                            metrics -> metrics.traffic.ended().getOrDefault(ending, 0L))
                    .description("Connections that ended, by how")
                    .tag("ending", ending.label())
                    .tag("refused", Boolean.toString(ending.refused()))
                    .register(registry);
        }
    }

    private void registerForwarded(DataPathKind path) {
        ofPath("sniproxy.connections.forwarded", path, Volume::connections)
                .description("Connections forwarded, by data path")
                .register(registry);
        Gauge.builder(
                        "sniproxy.connections.forwarded.open",
                        this,
                        metrics -> metrics.volume(path).open())
                .description("Forwarded connections that are open now, by data path")
                .tag("path", path.label())
                .register(registry);
        forwardedBytes(path, "up", Volume::bytesUp);
        forwardedBytes(path, "down", Volume::bytesDown);
    }

    private void forwardedBytes(DataPathKind path, String direction, ToLongFunction<Volume> bytes) {
        ofPath("sniproxy.forwarded", path, bytes)
                .description("Bytes forwarded, those of open connections included; up is towards the upstream")
                .baseUnit("bytes")
                .tag("direction", direction)
                .register(registry);
    }

    private FunctionCounter.Builder<Metrics> ofPath(String name, DataPathKind path, ToLongFunction<Volume> value) {
        return FunctionCounter.builder(name, this, metrics -> value.applyAsLong(metrics.volume(path)))
                .tag("path", path.label());
    }

    private Volume volume(DataPathKind path) {
        return Optional.ofNullable(traffic.paths().get(path)).orElseThrow();
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
            case ConnectionEvent.Connected connected -> connect.record(connected.took());
            case ConnectionEvent.Closed closed -> duration.record(closed.duration());
            case ConnectionEvent.Opened opened -> {}
            case ConnectionEvent.HelloRead read -> {}
            case ConnectionEvent.Routed routed -> {}
            case ConnectionEvent.PathChosen path -> path.declined().forEach(this::count);
            case ConnectionEvent.Left left -> {}
        }
    }

    /** Labels are those of the paths' own lists: there are few. */
    private void count(PathDeclined declined) {
        Counter.builder("sniproxy.path.declined")
                .description("Connections that a data path did not carry, by its reason")
                .tag("path", declined.path().label())
                .tag("reason", declined.label())
                .register(registry)
                .increment();
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

    /** Serves what the kernel counts too. */
    public void watch(KernelFigures figures) {
        kernel.show(figures);
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

    /** Everything, in Prometheus' text format 0.0.4. Not on an event loop, all of which are asked. */
    public synchronized String scrape() {
        traffic = ledger.snapshot();
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
