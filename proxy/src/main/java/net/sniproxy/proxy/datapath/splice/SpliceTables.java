package net.sniproxy.proxy.datapath.splice;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
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

    /**
     * Where a connection stands in the tables.
     *
     * @param id in all but the table of directions
     * @param up the direction from the client
     * @param down the direction from the upstream
     */
    record Keys(long id, FlowKey up, FlowKey down) {}

    /** What has become of arming a connection. */
    enum Armed {
        YES,
        /** One of the two four-tuples is that of a connection that is not gone yet. */
        IN_USE,
        /** There is no room. */
        FULL
    }

    /** Writes a plan; all of it or nothing. What is left of a connection that this one replaces makes way. */
    synchronized Armed arm(long id, SplicePlan plan) {
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
            removeFlows(id, plan.upKey(), plan.downKey());
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
        if (!put(plan.upKey(), plan.up())) {
            return Armed.IN_USE;
        }
        if (!put(plan.downKey(), plan.down())) {
            flows.delete(plan.upKey());
            return Armed.IN_USE;
        }
        return Armed.YES;
    }

    private boolean put(FlowKey key, Flow flow) {
        return flows.update(key, flow, UpdateMode.NO_EXIST)
                || makesWay(key) && flows.update(key, flow, UpdateMode.NO_EXIST);
    }

    /** An entry stays for late packets when its connection is over, but not when a new one has its addresses and ports. */
    private boolean makesWay(FlowKey key) {
        Optional<Flow> old = flows.lookup(key);
        if (old.isEmpty()) {
            return true;
        }
        long id = old.get().splice;
        if (splices.lookup(id).filter(splice -> splice.state != Splice.REPLACED).isPresent()) {
            return false;
        }
        remove(id, key, SplicePlan.back(old.get()));
        return true;
    }

    /** Removes what {@link #arm} wrote and is still there. Packets of the connection go to the local stack again. */
    synchronized void remove(long id, FlowKey up, FlowKey down) {
        removeFlows(id, up, down);
        removeSplice(id);
    }

    /**
     * As {@link #remove} for many, with fewer calls of the kernel. Who takes another's addresses and ports removes all that is
     * left of it before: so one whose main entry is there has its directions too.
     */
    synchronized void removeAll(List<Keys> gone) {
        List<Keys> own = gone.stream().filter(each -> splices.delete(each.id())).toList();
        flows.deleteAll(
                own.stream().flatMap(each -> Stream.of(each.up(), each.down())).toList());
        statistics.deleteAll(own.stream().map(Keys::id).toList());
    }

    private void removeFlows(long id, FlowKey up, FlowKey down) {
        for (FlowKey key : List.of(up, down)) {
            flows.lookup(key).filter(flow -> flow.splice == id).ifPresent(own -> flows.delete(key));
        }
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

    /**
     * Removes what is not a direction of all others. Counts of connections that a killed process redirected between sockets are
     * among that: they may be in the same map.
     */
    void retain(Set<Long> ids) {
        removeOthers(splices, ids);
        removeOthers(statistics, ids);
    }

    /** Removes all entries but those of these connections. */
    static <V> void removeOthers(TypedMap<Long, V> map, Set<Long> ids) {
        List<Long> others = new ArrayList<>();
        map.forEach((id, value) -> {
            if (!ids.contains(id)) {
                others.add(id);
            }
        });
        map.deleteAll(others);
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
