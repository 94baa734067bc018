package net.sniproxy.proxy.datapath.splice;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceEvent;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;

/** Finds the connections that an earlier process left to the kernel, and removes what is of no use. */
final class Adoption {
    private final SpliceTables tables;
    private final LiveSplices live;

    Adoption(SpliceTables tables, LiveSplices live) {
        this.tables = tables;
        this.live = live;
    }

    /** The two keys of a connection, as far as they have been found. */
    private static final class Keys {
        Optional<FlowKey> up = Optional.empty();
        Optional<FlowKey> down = Optional.empty();
    }

    /** Those that are still open. The others' entries are removed: what their packets ask, the local stack answers. */
    List<AdoptableConnection> run() {
        Map<Long, Keys> byId = new HashMap<>();
        tables.forEachFlow((key, flow) -> {
            Keys keys = byId.computeIfAbsent(flow.splice, id -> new Keys());
            if (flow.direction == Flow.UP) {
                keys.up = Optional.of(key);
            } else {
                keys.down = Optional.of(key);
            }
        });
        List<AdoptableConnection> found = new ArrayList<>();
        Set<Long> open = new HashSet<>();
        byId.forEach((id, keys) -> {
            Optional<ConnectionNote> note = live.notes().read(id);
            if (isSpliced(id) && note.isPresent() && keys.up.isPresent() && keys.down.isPresent()) {
                found.add(new Left(id, keys.up.get(), keys.down.get(), note.get()));
                open.add(id);
            } else {
                keys.up.ifPresent(tables::removeFlow);
                keys.down.ifPresent(tables::removeFlow);
            }
        });
        if (live.survive()) {
            tables.retain(open);
            live.notes().retain(open);
        }
        return found;
    }

    private boolean isSpliced(long id) {
        return tables.splice(id)
                .filter(splice -> splice.state == Splice.SPLICED)
                .isPresent();
    }

    private final class Left implements AdoptableConnection {
        private final long id;
        private final FlowKey up;
        private final FlowKey down;
        private final ConnectionNote note;

        Left(long id, FlowKey up, FlowKey down, ConnectionNote note) {
            this.id = id;
            this.up = up;
            this.down = down;
            this.note = note;
        }

        @Override
        public ConnectionNote note() {
            return note;
        }

        @Override
        public DetachedFlow adopt(DetachedOwner owner) {
            SplicedFlow flow = new SplicedFlow(id, up, down, tables, live);
            flow.belongsTo(owner);
            // It may have ended since it was found.
            tables.splice(id).ifPresent(now -> flow.changed(SpliceEvent.of(id, now)));
            return flow;
        }
    }
}
