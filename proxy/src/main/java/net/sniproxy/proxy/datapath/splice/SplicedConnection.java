package net.sniproxy.proxy.datapath.splice;

import io.netty.channel.EventLoop;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceEvent;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.PathDeclined;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection from its arming to the moment when the kernel carries it alone and a {@link SplicedFlow} takes its place.
 * Belongs to the connection's event loop; events reach it there.
 */
final class SplicedConnection implements KernelForwarding, LiveSplices.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SplicedConnection.class);

    private final long id;
    private final SplicePlan plan;
    private final SpliceTables tables;
    private final LiveSplices live;
    private final Legs legs;
    private final EventLoop loop;
    private final TcpSocket client;
    private final TcpSocket upstream;
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

    @Override
    public void changed(SpliceEvent event) {
        loop.execute(() -> follow(event));
    }

    private void follow(SpliceEvent event) {
        if (over) {
            return;
        }
        if (event.state() == Splice.LEFT_TO_RELAY) {
            if (!relayed) {
                relayed = true;
                Refusal why = Refusal.UPSTREAM_SPOKE_FIRST;
                legs.relayedAfterAll(new PathDeclined(DataPathKind.SPLICE, why.label(), why.text()));
            }
        } else {
            leaveToTheKernel();
        }
    }

    /** From here on the local sockets would only disturb: they are closed without a word to the peers. */
    private void leaveToTheKernel() {
        try {
            client.silence();
            upstream.silence();
        } catch (BpfException e) {
            LOG.warn("splice {}: the local sockets stay: {}", id, e.getMessage());
            return;
        }
        over = true;
        live.notes().write(id, legs.note());
        SplicedFlow flow = new SplicedFlow(id, plan.upKey(), plan.downKey(), tables, live);
        flow.belongsTo(legs.detach(flow));
        // What came before it listened, or what the lost event of an end left behind.
        tables.splice(id).ifPresent(now -> flow.changed(SpliceEvent.of(id, now)));
    }

    @Override
    public long forwarded(Direction direction) {
        if (!over && !relayed) {
            tables.splice(id).ifPresent(splice -> {
                up = splice.up.bytes;
                down = splice.down.bytes;
            });
        }
        return direction == Direction.UP ? up : down;
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
        Optional<Splice> last = relayed ? Optional.empty() : tables.splice(id);
        over = true;
        last.ifPresent(splice -> {
            up = splice.up.bytes;
            down = splice.down.bytes;
        });
        live.remove(id, this);
        tables.remove(id, plan.upKey(), plan.downKey());
    }
}
