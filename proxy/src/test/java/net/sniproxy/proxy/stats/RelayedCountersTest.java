package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.kernel.TrafficCounter;
import org.junit.jupiter.api.Test;

/** The map that user space counts in may change while it counts. */
@KernelTest
class RelayedCountersTest {
    private static final int BYTES = 517;

    private final TrafficLedger traffic = new TrafficLedger();

    @Test
    void shouldCountInOneMapOnly() {
        traffic.on(Events.completed("192.0.2.1", "a.test", "192.0.2.9", BYTES, 0));
        try (BpfMap first = map();
                BpfMap second = map()) {
            AtomicReference<BpfMap> current = new AtomicReference<>(first);
            try (RelayedCounters _ = RelayedCounters.start(traffic, () -> Optional.of(current.get()))) {
                Eventually.holds(() -> assertThat(sent(first)).isEqualTo(BYTES));
                current.set(second);
            }
            assertThat(sent(first)).isZero();
            assertThat(sent(second)).isEqualTo(BYTES);
        }
    }

    @Test
    void shouldGoOnInAnotherMapWhenTheFirstIsClosed() {
        traffic.on(Events.completed("192.0.2.1", "a.test", "192.0.2.9", BYTES, 0));
        BpfMap first = map();
        try (BpfMap second = map()) {
            AtomicReference<BpfMap> current = new AtomicReference<>(first);
            try (RelayedCounters _ = RelayedCounters.start(traffic, () -> Optional.of(current.get()))) {
                Eventually.holds(() -> assertThat(sent(first)).isEqualTo(BYTES));
                current.set(second);
                first.close();
            }
            assertThat(sent(second)).isEqualTo(BYTES);
        } finally {
            first.close();
        }
    }

    private static long sent(BpfMap map) {
        return PerCpuMap.of(map, Codec.u32(), Codec.u64()).lookup(TrafficCounter.RELAYED_SENT).orElseThrow().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static BpfMap map() {
        return BpfMap.create(
                Kernel.running(),
                MapSpec.named("TRAFFIC_STATS", MapType.PERCPU_ARRAY)
                        .key(Codec.u32().layout())
                        .value(Codec.u64().layout())
                        .maxEntries(TrafficCounter.ENTRIES)
                        .build());
    }
}
