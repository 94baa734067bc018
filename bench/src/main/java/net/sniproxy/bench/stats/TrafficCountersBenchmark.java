package net.sniproxy.bench.stats;

import java.util.List;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.kernel.TrafficCounter;
import net.sniproxy.proxy.stats.TrafficCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** All 256 counters of all CPUs, added up. Needs root. */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class TrafficCountersBenchmark {
    @SuppressWarnings("NullAway.Init") // made in open()
    private BpfMap map;

    /** Makes a map as the programs have it. */
    @Setup
    public void open() {
        map = BpfMap.create(
                Kernel.running(),
                MapSpec.named("TRAFFIC_STATS", MapType.PERCPU_ARRAY)
                        .key(IntegerLayout.U32)
                        .value(IntegerLayout.U64)
                        .maxEntries(TrafficCounter.ENTRIES)
                        .build());
    }

    @TearDown
    public void close() {
        map.close();
    }

    @Benchmark
    public long[] read() {
        return TrafficCounters.read(List.of(map));
    }
}
