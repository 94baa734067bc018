package net.sniproxy.proxy.stats;

import java.lang.foreign.ValueLayout;
import java.util.List;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapWalk;
import net.sniproxy.kernel.TrafficCounter;

/** Reads {@code TRAFFIC_STATS} while programs go on counting in it: no counter is ever locked or stopped. */
public final class TrafficCounters {
    private TrafficCounters() {}

    /**
     * The sums over all CPUs and maps, by {@link TrafficCounter}.
     *
     * @param maps those of the name {@code TRAFFIC_STATS}
     */
    public static long[] read(List<BpfMap> maps) {
        long[] sums = new long[TrafficCounter.ENTRIES];
        for (BpfMap map : maps) {
            new MapWalk(map, (key, perCpu) -> {
                        long sum = 0;
                        for (long at = 0; at < perCpu.byteSize(); at += Long.BYTES) {
                            sum += perCpu.get(ValueLayout.JAVA_LONG, at);
                        }
                        sums[key.get(ValueLayout.JAVA_INT, 0)] += sum;
                    })
                    .run();
        }
        return sums;
    }
}
