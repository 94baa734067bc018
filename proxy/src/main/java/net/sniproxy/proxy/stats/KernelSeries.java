package net.sniproxy.proxy.stats;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.ToDoubleFunction;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.map.MapUse;
import net.sniproxy.bpf.program.ProgramInfo;
import net.sniproxy.kernel.TrafficCounter;
import net.sniproxy.proxy.filter.xdp.DropReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Time series of what the kernel's maps and programs say. */
final class KernelSeries implements MultiCollector {
    private static final Logger LOG = LoggerFactory.getLogger(KernelSeries.class);
    private static final double NANOS = 1e9;

    private volatile KernelFigures figures = KernelFigures.NONE;

    /** Shows these from now on. */
    void show(KernelFigures kernel) {
        figures = kernel;
    }

    @Override
    public MetricSnapshots collect() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        try {
            traffic(all, figures.traffic());
            maps(all);
            programs(all);
        } catch (BpfException | IllegalStateException e) {
            // The proxy stops and has closed its maps.
            LOG.debug("the kernel's figures are not to be had", e);
            return MetricSnapshots.builder().build();
        }
        return all.build();
    }

    private static void traffic(MetricSnapshots.Builder all, long[] counters) {
        all.metricSnapshot(byDirection(
                "sniproxy_kernel_forwarded_bytes",
                "Payload bytes that the kernel forwarded, also under earlier processes whose connections lived on",
                counters[TrafficCounter.BYTES_SENT],
                counters[TrafficCounter.BYTES_RECEIVED]));
        all.metricSnapshot(byDirection(
                "sniproxy_kernel_forwarded_packets",
                "Packets and messages that the kernel forwarded",
                counters[TrafficCounter.PACKETS_SENT],
                counters[TrafficCounter.PACKETS_RECEIVED]));
        all.metricSnapshot(counter(
                "sniproxy_sockmap_over_limit",
                "Messages left to the relay because too much waited for the receiver",
                counters[TrafficCounter.REDIRECT_OVER_LIMIT]));
        all.metricSnapshot(counter(
                "sniproxy_filter_passed_packets",
                "Packets that the source filter judged and let pass",
                counters[TrafficCounter.FILTER_PASSED]));
        var dropped = CounterSnapshot.builder()
                .name("sniproxy_filter_dropped_packets")
                .help("Packets that the source filter dropped, by reason");
        for (DropReason reason : DropReason.values()) {
            dropped.dataPoint(point(Labels.of("reason", reason.label()), counters[reason.counter()]));
        }
        all.metricSnapshot(dropped.build());
        all.metricSnapshot(counter(
                "sniproxy_filter_samples_lost",
                "Dropped packets that were to be logged but found the ring buffer full",
                counters[TrafficCounter.FILTER_SAMPLES_LOST]));
    }

    private void maps(MetricSnapshots.Builder all) {
        var entries =
                GaugeSnapshot.builder().name("sniproxy_kernel_map_entries").help("Keys in a kernel map");
        var most = GaugeSnapshot.builder()
                .name("sniproxy_kernel_map_max_entries")
                .help("Keys that a kernel map has room for");
        for (MapUse map : figures.maps()) {
            Labels labels = Labels.of("map", map.name());
            entries.dataPoint(gauge(labels, map.entries()));
            most.dataPoint(gauge(labels, map.maxEntries()));
        }
        all.metricSnapshot(entries.build()).metricSnapshot(most.build());
    }

    private void programs(MetricSnapshots.Builder all) {
        all.metricSnapshot(ofPrograms(
                "sniproxy_kernel_program_runs",
                "Runs of a kernel program while the sysctl kernel.bpf_stats_enabled was on",
                ProgramInfo::runCount));
        all.metricSnapshot(ofPrograms(
                "sniproxy_kernel_program_run_seconds",
                "Time spent in a kernel program while the sysctl kernel.bpf_stats_enabled was on",
                program -> program.runTimeNanos() / NANOS));
    }

    private CounterSnapshot ofPrograms(String name, String help, ToDoubleFunction<ProgramInfo> value) {
        var series = CounterSnapshot.builder().name(name).help(help);
        for (ProgramInfo program : figures.programs()) {
            series.dataPoint(point(Labels.of("program", program.name()), value.applyAsDouble(program)));
        }
        return series.build();
    }

    private static CounterSnapshot byDirection(String name, String help, long up, long down) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point(Labels.of("direction", "up"), up))
                .dataPoint(point(Labels.of("direction", "down"), down))
                .build();
    }

    private static CounterSnapshot counter(String name, String help, long value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point(Labels.EMPTY, value))
                .build();
    }

    private static CounterDataPointSnapshot point(Labels labels, double value) {
        return CounterDataPointSnapshot.builder().labels(labels).value(value).build();
    }

    private static GaugeDataPointSnapshot gauge(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
