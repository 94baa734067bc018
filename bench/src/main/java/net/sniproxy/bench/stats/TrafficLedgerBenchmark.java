package net.sniproxy.bench.stats;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.stats.TrafficLedger;
import net.sniproxy.proxy.stats.TrafficSnapshot;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Totals of so many open connections of one event loop, the hundred busiest of them shown: what each look of top costs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class TrafficLedgerBenchmark {
    private static final int SHOWN = 100;
    private static final int NAMES = 500;

    @Param({"100", "10000"})
    private int connections = 100;

    private final TrafficLedger ledger = new TrafficLedger();

    /** Opens the connections. */
    @Setup
    public void open() {
        List<LiveConnection> open = IntStream.range(0, connections)
                .mapToObj(TrafficLedgerBenchmark::connection)
                .toList();
        ledger.watch(survey -> survey.look(open.stream()));
    }

    private static LiveConnection connection(int i) {
        InetSocketAddress client = new InetSocketAddress("192.0.2." + i % 256, 1024 + i);
        return new LiveConnection(
                new ConnectionInfo(i, new InetSocketAddress("127.0.0.1", 443), client, Instant.EPOCH),
                client,
                Optional.of("host-" + i % NAMES + ".example.com"),
                Optional.of("*.example.com"),
                Optional.of("*:443"),
                Optional.of(client),
                Optional.of(DataPathKind.RELAY),
                ByteCounts.relayed(i, 2L * i));
    }

    @Benchmark
    public TrafficSnapshot look() {
        return ledger.snapshot(SHOWN, connection -> true);
    }
}
