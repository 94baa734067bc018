package net.sniproxy.proxy.stats;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Time series by route, name and client address. Clients choose names and addresses, so only those with the most bytes have
 * series: at any time no more than configured. Each of these is exact, and goes on where it was when it comes back.
 */
final class TrafficSeries implements MultiCollector {
    private static final Comparator<Map.Entry<String, Volume>> BUSIEST_FIRST = Comparator.comparingLong(
                    (Map.Entry<String, Volume> entry) -> entry.getValue().bytes())
            .reversed()
            .thenComparing(Map.Entry::getKey);

    private final Supplier<TrafficSnapshot> traffic;
    private final int most;

    /** @param most names, and as many client addresses */
    TrafficSeries(Supplier<TrafficSnapshot> traffic, int most) {
        this.traffic = traffic;
        this.most = most;
    }

    @Override
    public MetricSnapshots collect() {
        TrafficSnapshot now = traffic.get();
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        add(all, "route", busiest(now.routes(), TrafficLedger.REMEMBERED));
        add(all, "name", busiest(now.names(), most));
        add(all, "client", busiest(now.clients(), most));
        return all.build();
    }

    private static List<Map.Entry<String, Volume>> busiest(Map<String, Volume> volumes, int most) {
        return volumes.entrySet().stream().sorted(BUSIEST_FIRST).limit(most).toList();
    }

    private static void add(MetricSnapshots.Builder all, String kind, List<Map.Entry<String, Volume>> volumes) {
        var bytes = CounterSnapshot.builder()
                .name("sniproxy_" + kind + "_forwarded_bytes")
                .help("Bytes forwarded, those of open connections included, by " + kind);
        var connections = CounterSnapshot.builder()
                .name("sniproxy_" + kind + "_connections")
                .help("Connections that were routed, by " + kind);
        var open = GaugeSnapshot.builder()
                .name("sniproxy_" + kind + "_connections_open")
                .help("Routed connections that are open now, by " + kind);
        for (Map.Entry<String, Volume> entry : volumes) {
            Volume volume = entry.getValue();
            Labels labels = Labels.of(kind, entry.getKey());
            bytes.dataPoint(point(labels.add("direction", "up"), volume.bytesUp()));
            bytes.dataPoint(point(labels.add("direction", "down"), volume.bytesDown()));
            connections.dataPoint(point(labels, volume.connections()));
            open.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(labels)
                    .value(volume.open())
                    .build());
        }
        all.metricSnapshot(bytes.build()).metricSnapshot(connections.build()).metricSnapshot(open.build());
    }

    private static CounterDataPointSnapshot point(Labels labels, long value) {
        return CounterDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
