package net.sniproxy.bench.maps;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A lookup and an update of one element, with memory that is used again each time. Needs root. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = MapCalls.ROUNDS, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class MapCalls {
    /** Keys that are used; a power of two. */
    static final int KEYS = 1024;
    /** An LRU map evicts long before it is full. */
    static final int ENTRIES = 4 * KEYS;

    static final int ROUNDS = 20;

    @Param({"HASH", "LRU_HASH", "PERCPU_ARRAY"})
    private MapType type = MapType.HASH;

    private final Arena arena = Arena.ofShared();

    @SuppressWarnings("NullAway.Init") // made in fill()
    private BpfMap map;

    private MemorySegment key = MemorySegment.NULL;
    private MemorySegment value = MemorySegment.NULL;
    private int next;

    /** Makes the map and fills it. */
    @Setup
    public void fill() {
        map = BpfMap.create(
                Kernel.running(),
                MapSpec.named("BENCH", type)
                        .key(IntegerLayout.U32)
                        .value(IntegerLayout.U64)
                        .maxEntries(ENTRIES)
                        .build());
        key = arena.allocate(ValueLayout.JAVA_INT);
        value = arena.allocate(map.valueBytes(), Long.BYTES);
        for (int i = 0; i < KEYS; i++) {
            update();
        }
    }

    @TearDown
    public void close() {
        map.close();
        arena.close();
    }

    @Benchmark
    public boolean lookup() {
        key.set(ValueLayout.JAVA_INT, 0, next++ & (KEYS - 1));
        return map.lookup(key, value);
    }

    @Benchmark
    public boolean update() {
        key.set(ValueLayout.JAVA_INT, 0, next++ & (KEYS - 1));
        return map.update(key, value, UpdateMode.ANY);
    }
}
