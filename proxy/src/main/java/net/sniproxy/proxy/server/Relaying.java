package net.sniproxy.proxy.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DataPaths.Choice;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.datapath.relay.Relay;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.upstream.Dial;
import org.jspecify.annotations.Nullable;

/** The last stage: bytes go both ways, copied here or moved by the kernel. */
final class Relaying implements Stage, Relay.Listener {
    private final Connection connection;
    private final Worker worker;
    private final SocketChannel client;
    private final ConnectionStory story;
    private final DuplexChannel upstream;
    private final Dial.Lease lease;
    private final long dialDeadline;
    private Optional<KernelForwarding> kernel = Optional.empty();
    private @Nullable Relay relay;
    private boolean unanswered;
    private boolean lookedAfter;
    /** When a sweep last saw that something had moved. */
    private long quietSince;

    /**
     * @param upstream nothing was sent to it
     * @param dialDeadline until when an upstream that was reported early must have answered, see {@link Relay#isUnanswered}
     */
    Relaying(Connection connection, DuplexChannel upstream, Dial.Lease lease, long dialDeadline) {
        this.connection = connection;
        this.worker = connection.worker();
        this.client = connection.client();
        this.story = connection.story();
        this.upstream = upstream;
        this.lease = lease;
        this.dialDeadline = dialDeadline;
    }

    /** Chooses a data path, and sends the client's first bytes on. */
    void start(FirstFlight firstFlight, SocketAddress address) {
        story.connected(address);
        ByteBuf prefix = prefix();
        Choice choice = worker.choose(new ConnectedLegs(this, firstFlight.length(), prefix.readableBytes()));
        kernel = choice.forwarding();
        story.pathChosen(choice);
        var begun = new Relay(client, upstream, kernel, this);
        relay = begun;
        unanswered = begun.isUnanswered();
        quietSince = System.nanoTime();
        ByteBuf firstBytes = firstFlight.take();
        client.pipeline().remove(firstFlight);
        begun.start(prefix, firstBytes);
        if (firstFlight.clientEnded()) {
            begun.clientEnded();
        }
    }

    private ByteBuf prefix() {
        return story.route()
                .flatMap(Route::sendProxy)
                .map(version -> ProxyHeaders.encode(
                        version, story.client(), story.destination().orElseGet(client::localAddress)))
                .orElse(Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void unanswered(String detail) {
        rejectUnanswered(Ending.UPSTREAM_FAILED, detail);
    }

    /** The upstream that was reported as connected is none, and the client has got nothing from it. */
    private void rejectUnanswered(Ending ending, String detail) {
        relay = null; // What it sent was not delivered.
        lease.unreachable();
        connection.reject(Rejection.noUpstream(ending, detail));
    }

    @Override
    public void ended(Ending ending, String detail) {
        connection.end(ending, detail);
    }

    @Override
    public void check(long now) {
        Relay running = relay;
        if (running == null) {
            return;
        }
        if (unanswered) {
            checkUnanswered(running, now);
        } else {
            lookAfter();
            checkIdle(running, now);
        }
    }

    private void checkUnanswered(Relay waiting, long now) {
        unanswered = waiting.isUnanswered();
        if (unanswered && now - dialDeadline >= 0) {
            waiting.leaveClient();
            rejectUnanswered(Ending.CONNECT_TIMEOUT, "");
        }
    }

    /** Most connections are over, or the kernel's, before a sweep sees them: those are spared the system calls. */
    private void lookAfter() {
        if (!lookedAfter) {
            lookedAfter = true;
            worker.lookAfter(upstream);
        }
    }

    private void checkIdle(Relay running, long now) {
        if (running.movedSinceLastAsked()) {
            quietSince = now;
        } else if (now - quietSince >= worker.running().deadlines().idle()) {
            abort(Ending.IDLE_TIMEOUT);
        }
    }

    @Override
    public boolean mayAnswer() {
        return relay == null;
    }

    @Override
    public boolean isRouted() {
        return true;
    }

    @Override
    public void abort(Ending ending) {
        if (relay != null) {
            relay.abort(ending, "");
        } else {
            connection.endWithReset(ending);
        }
    }

    @Override
    public ByteCounts bytes() {
        return relay == null ? ByteCounts.NONE : relay.bytes();
    }

    @Override
    public void leave() {
        kernel.ifPresent(forwarding -> forwarding.close(false));
    }

    Connection connection() {
        return connection;
    }

    DuplexChannel upstream() {
        return upstream;
    }

    /** See {@link net.sniproxy.proxy.datapath.Legs#note}. */
    ConnectionNote note() {
        Relay running = Objects.requireNonNull(relay);
        return story.note(running.relayed(Direction.UP), running.relayed(Direction.DOWN));
    }

    /** The kernel goes on alone, another object takes this one's place: see {@link net.sniproxy.proxy.datapath.Legs#detach}. */
    DetachedOwner detach(DetachedFlow flow) {
        Relay running = Objects.requireNonNull(relay);
        running.detach();
        return connection.detached(
                flow, ByteCounts.relayed(running.relayed(Direction.UP), running.relayed(Direction.DOWN)));
    }
}
