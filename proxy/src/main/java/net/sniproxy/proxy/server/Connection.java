package net.sniproxy.proxy.server;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import java.util.Objects;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.filter.Admission;
import net.sniproxy.proxy.upstream.Dial;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from its acceptance to the close of its last leg: what it counts as, and its one end. What it does in
 * between is its {@link Stage}.
 *
 * <p>It begins to end when the cause is known, and is over when the client's socket is closed. Belongs to the event loop of its
 * {@link Worker}; nothing here is shared between threads.
 */
final class Connection extends Session {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Worker worker;
    private final SocketChannel client;
    private final ConnectionStory story;
    private Stage stage;
    private Admission.@Nullable Permit permit;
    private Dial.@Nullable Lease lease;
    private boolean ending;
    private boolean over;
    private ByteCounts bytes = ByteCounts.NONE;

    Connection(Worker worker, SocketChannel client, ConnectionStory story) {
        this.worker = worker;
        this.client = client;
        this.story = story;
        this.stage = new ReadingHello(this);
    }

    /** Begins; the channel is not registered yet. */
    void start() {
        if (stage instanceof ReadingHello first) {
            first.start();
        }
    }

    void enter(Stage next) {
        stage = next;
    }

    /** Whether the source may be served; if not, the connection is over, and its channel is the caller's to close. */
    boolean admit() {
        switch (worker.admit(story.clientAddress())) {
            case Admission.Admitted admitted -> {
                permit = admitted.permit();
                return true;
            }
            case Admission.Denied denied -> {
                Rejection why = Rejection.of(denied);
                over(why.ending(), why.detail());
                return false;
            }
        }
    }

    boolean isAdmitted() {
        return permit != null;
    }

    /** Closes the lease when it is over. */
    void holds(Dial.Lease upstream) {
        lease = upstream;
    }

    /** The client is gone, or what it sent in front of its hello is malformed. */
    void clientLost(Throwable cause) {
        if (!isEnding() && stage.mayAnswer()) {
            Ending why = cause instanceof DecoderException ? Ending.PROXY_HEADER_INVALID : Ending.CLIENT_LEFT;
            end(why, Objects.requireNonNullElse(cause.getMessage(), ""));
            client.close();
        }
    }

    /** A fault of the proxy's own. */
    void failed(Throwable cause) {
        LOG.error("connection {} from {} failed", story.info().id(), story.client(), cause);
        if (isEnding() || !stage.mayAnswer()) {
            abort(Ending.INTERNAL_ERROR);
        } else {
            reject(Rejection.noUpstream(Ending.INTERNAL_ERROR, cause.toString()));
        }
    }

    /** Tells the client why it is not served, and ends. */
    void reject(Rejection why) {
        end(why.ending(), why.detail());
        why.tell(client);
    }

    @Override
    void check(long now) {
        if (!isEnding()) {
            stage.check(now);
        }
    }

    @Override
    void recheck(RunningConfig running) {
        boolean letIn = !isAdmitted() || worker.letsIn(story.clientAddress());
        boolean sameRoute =
                !stage.isRouted() || running.route(story.name(), story.alpn()).equals(story.route());
        if (!isEnding() && !(letIn && sameRoute)) {
            abort(Ending.REVOKED);
        }
    }

    @Override
    void abort(Ending why) {
        if (over) {
            return;
        }
        if (ending) {
            endWithReset(why);
        } else {
            stage.abort(why);
        }
    }

    /** Ends the client's leg with RST; there is no other, or it has ended. */
    void endWithReset(Ending why) {
        end(why, "");
        if (client.isOpen()) {
            client.config().setOption(ChannelOption.SO_LINGER, 0);
            client.close();
        }
    }

    /** Gives back what is not needed any more; it is over when the client's socket is closed. */
    void end(Ending why, String detail) {
        if (isEnding()) {
            return;
        }
        ending = true;
        bytes = stage.bytes();
        stage.leave();
        if (client.closeFuture().isDone()) {
            over(why, detail);
        } else {
            client.closeFuture().addListener(closed -> over(why, detail));
        }
    }

    private void over(Ending why, String detail) {
        if (over) {
            return;
        }
        over = true;
        worker.remove(this);
        if (lease != null) {
            lease.close();
        }
        if (permit != null) {
            permit.close();
        }
        story.closed(bytes, why, detail);
    }

    /** The kernel carries it alone from here on: what is left of it takes its place. */
    DetachedOwner detached(DetachedFlow flow, ByteCounts relayed) {
        over = true;
        DetachedConnection rest = new DetachedConnection(worker, story, Objects.requireNonNull(permit), lease, relayed);
        rest.flow(flow);
        worker.replace(this, rest);
        return rest;
    }

    /** Whether its end has begun. */
    boolean isEnding() {
        return ending || over;
    }

    Worker worker() {
        return worker;
    }

    @Override
    LiveConnection live() {
        return story.live(ending ? bytes : stage.bytes());
    }

    ConnectionStory story() {
        return story;
    }

    SocketChannel client() {
        return client;
    }
}
