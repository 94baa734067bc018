package net.sniproxy.proxy.stats;

import java.util.List;
import net.sniproxy.bpf.map.MapUse;
import net.sniproxy.bpf.program.ProgramInfo;
import net.sniproxy.kernel.TrafficCounter;

/** What the kernel says of this proxy's maps and programs. Thread-safe; the methods may block. */
public interface KernelFigures {
    /** Of a proxy without maps and programs. */
    KernelFigures NONE = new KernelFigures() {
        @Override
        public long[] traffic() {
            return new long[TrafficCounter.ENTRIES];
        }

        @Override
        public List<MapUse> maps() {
            return List.of();
        }

        @Override
        public List<ProgramInfo> programs() {
            return List.of();
        }
    };

    /** The sums over all CPUs of {@code TRAFFIC_STATS}, by {@link TrafficCounter}; zeros without it. */
    long[] traffic();

    /** How full the maps are that have keys; as of some seconds ago, since to count is to walk through them. */
    List<MapUse> maps();

    /** The programs that are loaded. */
    List<ProgramInfo> programs();
}
