package net.sniproxy.proxy.server;

import java.util.Optional;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.filter.Admission;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.upstream.Dial;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the kernel carries alone: no socket, no channel, only what accounting needs.
 *
 * <p>When it last moved is looked up in the kernel when that may have been too long ago, not at every look at the clock: about
 * once in {@code timeouts.idle} for each connection.
 */
final class DetachedConnection extends Session implements DetachedOwner {
    private final Worker worker;
    private final ConnectionStory story;
    private final Optional<Route> route;
    private final Admission.Permit permit;
    private final Dial.@Nullable Lease lease;
    private final ByteCounts relayed;
    private @Nullable DetachedFlow flow;
    /** When it last moved, as far as was looked up. */
    private long quietSince;

    private boolean over;

    DetachedConnection(
            Worker worker,
            ConnectionStory story,
            Admission.Permit permit,
            Dial.@Nullable Lease lease,
            ByteCounts relayed) {
        this.worker = worker;
        this.story = story;
        this.route = story.route();
        this.permit = permit;
        this.lease = lease;
        this.relayed = relayed;
        this.quietSince = System.nanoTime();
    }

    /** What the kernel holds of it; once, before anything else. */
    void flow(DetachedFlow held) {
        flow = held;
    }

    @Override
    void check(long now) {
        long idle = worker.running().deadlines().idle();
        if (flow == null || now - quietSince < idle) {
            return;
        }
        quietSince = flow.lastMoved();
        if (now - quietSince >= idle) {
            abort(Ending.IDLE_TIMEOUT);
        }
    }

    @Override
    void recheck(RunningConfig running) {
        if (!worker.letsIn(story.clientAddress())
                || !running.route(story.name(), story.alpn()).equals(route)) {
            abort(Ending.REVOKED);
        }
    }

    @Override
    void abort(Ending ending) {
        end(ending, true);
    }

    @Override
    public void ended(Ending ending) {
        worker.loop().execute(() -> end(ending, false));
    }

    private void end(Ending ending, boolean reset) {
        if (over) {
            return;
        }
        DetachedFlow held = flow;
        ByteCounts bytes = relayed;
        if (held != null) {
            held.close(reset);
            bytes = bytes.plusForwarded(held.forwarded(Direction.UP), held.forwarded(Direction.DOWN));
        }
        leave();
        story.closed(bytes, ending, "");
    }

    @Override
    LiveConnection live() {
        DetachedFlow held = flow;
        return story.live(
                held == null
                        ? relayed
                        : relayed.plusForwarded(held.lastRead(Direction.UP), held.lastRead(Direction.DOWN)));
    }

    /** Another process will tell its end. */
    @Override
    void release() {
        if (flow != null && flow.survives()) {
            leave();
            story.left(relayed.plusForwarded(flow.forwarded(Direction.UP), flow.forwarded(Direction.DOWN)));
        }
    }

    private void leave() {
        over = true;
        worker.remove(this);
        permit.close();
        if (lease != null) {
            lease.close();
        }
    }

    /** Whether its route is still the one that it took when it was accepted by another process. */
    static boolean sameRoute(ConnectionNote note, Optional<Route> now) {
        return now.isPresent() && now.get().digest() == note.routeDigest();
    }
}
