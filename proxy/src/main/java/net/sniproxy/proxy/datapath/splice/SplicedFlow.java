package net.sniproxy.proxy.datapath.splice;

import java.util.List;
import java.util.Optional;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceEvent;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.event.Ending;
import org.jspecify.annotations.Nullable;

/**
 * A spliced connection without sockets: what is left of it in this process are the keys of its entries in the kernel.
 * Events reach it on any thread, everything else on its owner's event loop.
 */
final class SplicedFlow implements DetachedFlow, LiveSplices.Listener {
    private final long id;
    private final FlowKey upKey;
    private final FlowKey downKey;
    private final SpliceTables tables;
    private final LiveSplices live;
    private volatile @Nullable DetachedOwner owner;
    private boolean over;
    private long up;
    private long down;

    SplicedFlow(long id, FlowKey upKey, FlowKey downKey, SpliceTables tables, LiveSplices live) {
        this.id = id;
        this.upKey = upKey;
        this.downKey = downKey;
        this.tables = tables;
        this.live = live;
    }

    /** Begins to tell the owner what becomes of it. */
    void belongsTo(DetachedOwner newOwner) {
        owner = newOwner;
        live.add(id, this);
    }

    @Override
    public void changed(SpliceEvent event) {
        DetachedOwner told = owner;
        if (told == null) {
            return;
        }
        switch (event.state()) {
            case Splice.CLOSED -> told.ended(Ending.COMPLETED);
            case Splice.RESET -> told.ended(event.direction() == Flow.UP ? Ending.CLIENT_RESET : Ending.UPSTREAM_RESET);
            // The client has forgotten this connection and opens a new one in its place.
            case Splice.REPLACED -> told.ended(Ending.CLIENT_RESET);
            default -> {}
        }
    }

    @Override
    public long forwarded(Direction direction) {
        if (!over) {
            refresh();
        }
        return lastRead(direction);
    }

    @Override
    public long lastMoved() {
        return refresh().map(splice -> splice.lastMoved).orElseGet(System::nanoTime);
    }

    private Optional<Splice> refresh() {
        Optional<Splice> now = tables.splice(id);
        now.ifPresent(this::seen);
        return now;
    }

    /** Counts that were read earlier may come later. */
    @Override
    public synchronized void seen(Splice now) {
        up = Math.max(up, now.up.bytes);
        down = Math.max(down, now.down.bytes);
    }

    @Override
    public synchronized long lastRead(Direction direction) {
        return direction == Direction.UP ? up : down;
    }

    @Override
    public boolean survives() {
        return live.survive();
    }

    @Override
    public void close(boolean reset) {
        if (over) {
            return;
        }
        Optional<Splice> last = refresh();
        over = true;
        live.remove(id, this);
        int state = last.map(Splice::settledState).orElse(Splice.REPLACED);
        if (state == Splice.CLOSED || state == Splice.RESET) {
            // A last acknowledgement that was lost is asked for again.
            live.removeLater(keys());
            return;
        }
        Optional<SplicePlan> plan =
                reset && last.isPresent() ? tables.plan(upKey, downKey, last.get()) : Optional.empty();
        live.remove(List.of(keys()));
        plan.ifPresent(joined -> live.resets().send(joined, joined.splice()));
    }

    private SpliceTables.Keys keys() {
        return new SpliceTables.Keys(id, upKey, downKey);
    }
}
