package net.sniproxy.proxy.datapath.splice;

import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceEvent;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;
import net.sniproxy.proxy.event.Ending;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One armed or spliced connection. Belongs to the connection's event loop; events reach it there. */
final class SplicedConnection implements KernelForwarding {
    private static final Logger LOG = LoggerFactory.getLogger(SplicedConnection.class);
    /** A last acknowledgement that was lost is asked for again within this time. */
    private static final long LINGER_SECONDS = 10;

    private final long id;
    private final SplicePlan plan;
    private final SpliceTables tables;
    private final LiveSplices live;
    private final Legs legs;
    private final EventLoop loop;
    private @Nullable TcpSocket client;
    private @Nullable TcpSocket upstream;
    private boolean relayed;
    private boolean over;
    private long up;
    private long down;

    SplicedConnection(
            long id,
            SplicePlan plan,
            SpliceTables tables,
            LiveSplices live,
            Legs legs,
            TcpSocket client,
            TcpSocket upstream) {
        this.id = id;
        this.plan = plan;
        this.tables = tables;
        this.live = live;
        this.legs = legs;
        this.client = client;
        this.upstream = upstream;
        this.loop = legs.client().eventLoop();
    }

    long id() {
        return id;
    }

    /** The kernel has reported a change; on any thread. */
    void changed(SpliceEvent event) {
        loop.execute(() -> follow(event));
    }

    private void follow(SpliceEvent event) {
        if (over) {
            return;
        }
        switch (event.state()) {
            case Splice.SPLICED -> leaveToTheKernel();
            case Splice.LEFT_TO_RELAY -> relayed = true;
            case Splice.CLOSED -> legs.ended(Ending.COMPLETED);
            case Splice.RESET -> legs.ended(event.direction() == Flow.UP ? Ending.CLIENT_RESET : Ending.UPSTREAM_RESET);
            // The client has forgotten this connection and opens a new one in its place.
            case Splice.REPLACED -> legs.ended(Ending.CLIENT_RESET);
            default -> throw new IllegalStateException("no event of state " + event.state());
        }
    }

    /** From here on the local sockets would only disturb: they are closed without a word to the peers. */
    private void leaveToTheKernel() {
        TcpSocket toClient = client;
        TcpSocket toUpstream = upstream;
        if (toClient == null || toUpstream == null) {
            return;
        }
        try {
            toClient.silence();
            toUpstream.silence();
            client = null;
            upstream = null;
            legs.detach();
        } catch (BpfException e) {
            LOG.warn("splice {}: the local sockets stay: {}", id, e.getMessage());
        }
    }

    @Override
    public long forwarded(Direction direction) {
        if (!over && !relayed) {
            refresh();
        }
        return direction == Direction.UP ? up : down;
    }

    private Optional<Splice> refresh() {
        Optional<Splice> now = tables.splice(id);
        now.ifPresent(splice -> {
            up = splice.up.bytes;
            down = splice.down.bytes;
        });
        return now;
    }

    /** A FIN that the local stack has seen comes before anything the kernel forwards. */
    @Override
    public void whenDelivered(Direction direction, Runnable action) {
        action.run();
    }

    @Override
    public void close(boolean reset) {
        if (over) {
            return;
        }
        Optional<Splice> last = relayed ? Optional.empty() : refresh();
        over = true;
        live.remove(this);
        boolean ended = last.isPresent() && (last.get().state == Splice.CLOSED || last.get().state == Splice.RESET);
        if (ended) {
            loop.schedule(this::removeEntries, LINGER_SECONDS, TimeUnit.SECONDS);
            return;
        }
        removeEntries();
        if (reset) {
            last.ifPresent(splice -> live.resets().send(plan, splice));
        }
    }

    private void removeEntries() {
        tables.remove(id, plan.upKey(), plan.downKey());
    }
}
