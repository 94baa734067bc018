package net.sniproxy.proxy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.MapUse;
import net.sniproxy.bpf.program.ProgramInfo;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.proxy.stats.KernelFigures;
import net.sniproxy.proxy.stats.TrafficCounters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what is in the kernel's maps. The kernel keeps no such numbers, so that means to walk through them: no more often than
 * every ten seconds, and for at most a hundredth of the time. Thread-safe.
 */
final class KernelCensus implements KernelFigures {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCensus.class);
    private static final Set<MapType> COUNTED = Set.of(MapType.HASH, MapType.LRU_HASH);
    private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long SHARE = 100;

    private final LoadedPrograms programs;
    private final Supplier<Map<String, BpfMap>> otherMaps;
    private final Supplier<List<MapUse>> known;
    private List<MapUse> counted = List.of();
    private long next = System.nanoTime();

    /**
     * @param otherMaps those that no program of {@code programs} uses
     * @param known maps that need not be counted, and are not to be
     */
    KernelCensus(LoadedPrograms programs, Supplier<Map<String, BpfMap>> otherMaps, Supplier<List<MapUse>> known) {
        this.programs = programs;
        this.otherMaps = otherMaps;
        this.known = known;
    }

    @Override
    public long[] traffic() {
        return TrafficCounters.read(programs.all("TRAFFIC_STATS"));
    }

    @Override
    public List<ProgramInfo> programs() {
        return programs.programs();
    }

    @Override
    public synchronized List<MapUse> maps() {
        long start = System.nanoTime();
        if (start - next >= 0) {
            counted = count();
            long now = System.nanoTime();
            next = now + Math.max(INTERVAL_NANOS, (now - start) * SHARE);
        }
        return counted;
    }

    private List<MapUse> count() {
        List<MapUse> uses = new ArrayList<>(known.get());
        Map<String, BpfMap> maps = new TreeMap<>(programs.maps());
        maps.putAll(otherMaps.get());
        uses.forEach(use -> maps.remove(use.name()));
        maps.forEach((name, map) -> {
            if (COUNTED.contains(map.type())) {
                try {
                    uses.add(MapUse.count(name, map));
                } catch (BpfException e) {
                    LOG.debug("the entries of {} were not counted", name, e);
                }
            }
        });
        return uses;
    }
}
