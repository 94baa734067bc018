package net.sniproxy.proxy.datapath.splice;

import java.util.Optional;
import java.util.function.BiConsumer;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.kernel.ConnectionStats;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SplicePlan;

/** The kernel's tables of spliced connections. The object that was loaded owns the maps. Thread-safe. */
final class SpliceTables {
    private final TypedMap<FlowKey, Flow> flows;
    private final TypedMap<Long, Splice> splices;
    private final TypedMap<Long, ConnectionStats> statistics;

    SpliceTables(LoadedObject object) {
        flows = TypedMap.of(object.map("FLOWS"), Codec.of(FlowKey.class), Codec.of(Flow.class));
        splices = TypedMap.of(object.map("SPLICES"), Codec.u64(), Codec.of(Splice.class));
        statistics = TypedMap.of(object.map("CONNECTION_STATS"), Codec.u64(), Codec.of(ConnectionStats.class));
    }

    /** What has become of arming a connection. */
    enum Armed {
        YES,
        /** One of the two four-tuples is that of a connection that is not gone yet. */
        IN_USE,
        /** There is no room. */
        FULL
    }

    /** Writes a plan; all of it or nothing. */
    Armed arm(long id, SplicePlan plan) {
        Armed armed = Armed.FULL;
        try {
            splices.update(id, plan.splice());
            armed = armFlows(plan);
            if (armed == Armed.YES) {
                ConnectionStats counts = new ConnectionStats();
                counts.startTime = plan.splice().armedAt;
                statistics.update(id, counts);
            }
        } catch (BpfException e) {
            armed = Armed.FULL;
            flows.delete(plan.upKey());
            flows.delete(plan.downKey());
            if (!Errno.E2BIG.equals(e.errno())) {
                throw e;
            }
        } finally {
            if (armed != Armed.YES) {
                splices.delete(id);
                statistics.delete(id);
            }
        }
        return armed;
    }

    private Armed armFlows(SplicePlan plan) {
        if (!flows.update(plan.upKey(), plan.up(), UpdateMode.NO_EXIST)) {
            return Armed.IN_USE;
        }
        if (!flows.update(plan.downKey(), plan.down(), UpdateMode.NO_EXIST)) {
            flows.delete(plan.upKey());
            return Armed.IN_USE;
        }
        return Armed.YES;
    }

    /** Removes what {@link #arm} wrote. Packets of the connection go to the local stack again. */
    void remove(long id, FlowKey up, FlowKey down) {
        flows.delete(up);
        flows.delete(down);
        splices.delete(id);
        statistics.delete(id);
    }

    /** Removes one direction. */
    void removeFlow(FlowKey key) {
        flows.delete(key);
    }

    /** Removes what is not a direction. */
    void removeSplice(long id) {
        splices.delete(id);
        statistics.delete(id);
    }

    /** The plan of a connection as it was armed, with what has become of it; empty if part of it is gone. */
    Optional<SplicePlan> plan(FlowKey upKey, FlowKey downKey, Splice now) {
        Optional<Flow> up = flows.lookup(upKey);
        Optional<Flow> down = flows.lookup(downKey);
        return up.isPresent() && down.isPresent()
                ? Optional.of(new SplicePlan(upKey, up.get(), downKey, down.get(), now))
                : Optional.empty();
    }

    /** Meets every connection. */
    void forEach(BiConsumer<Long, Splice> action) {
        splices.forEach(action);
    }

    /** Meets every direction of every connection. */
    void forEachFlow(BiConsumer<FlowKey, Flow> action) {
        flows.forEach(action);
    }

    /** What has become of a connection. */
    Optional<Splice> splice(long id) {
        return splices.lookup(id);
    }

    /** The connection that packets with these addresses belong to. */
    Optional<Long> holder(FlowKey key) {
        return flows.lookup(key).map(flow -> flow.splice);
    }

    /** Whether packets with these addresses belong to a spliced connection. */
    boolean isInUse(FlowKey key) {
        return flows.lookup(key).isPresent();
    }
}
