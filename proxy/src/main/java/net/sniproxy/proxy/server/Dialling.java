package net.sniproxy.proxy.server;

import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.upstream.Dial;
import org.jspecify.annotations.Nullable;

/** The second stage: an upstream is being connected, while the client's first bytes wait. */
final class Dialling implements EarlyStage, Dial.Listener {
    private final Connection connection;
    private final Worker worker;
    private final FirstFlight firstFlight;
    private final long deadline;
    private @Nullable Dial dial;

    /** @param firstFlight the client's handler, which holds its bytes */
    Dialling(Connection connection, FirstFlight firstFlight) {
        this.connection = connection;
        this.worker = connection.worker();
        this.firstFlight = firstFlight;
        this.deadline = System.nanoTime() + worker.running().deadlines().connect();
    }

    void start(Route route) {
        ConnectionStory story = connection.story();
        var request = new Dial.Request(
                route,
                story.name(),
                story.clientAddress(),
                worker.relaysOnly(),
                worker.largestSegment(connection.client()));
        var begun = worker.dial(request, this);
        dial = begun;
        worker.dialling(1);
        begun.start();
    }

    @Override
    public void trying(String target) {
        connection.story().trying(target);
    }

    @Override
    public void connected(DuplexChannel upstream, SocketAddress address, Dial.Lease lease) {
        settled();
        connection.holds(lease);
        try {
            var relaying = new Relaying(connection, upstream, lease, deadline);
            connection.enter(relaying);
            relaying.start(firstFlight, address);
        } catch (RuntimeException e) {
            upstream.close();
            connection.failed(e);
        }
    }

    @Override
    public void failed(Ending ending, String detail) {
        settled();
        connection.reject(ending == Ending.NO_NAME ? Rejection.noName(detail) : Rejection.noUpstream(ending, detail));
    }

    private void settled() {
        dial = null;
        worker.dialling(-1);
    }

    @Override
    public void check(long now) {
        if (now - deadline >= 0) {
            if (dial != null) {
                dial.tooSlow();
            }
            connection.reject(Rejection.noUpstream(Ending.CONNECT_TIMEOUT, ""));
        }
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public boolean isRouted() {
        return true;
    }

    @Override
    public void leave() {
        Dial pending = dial;
        if (pending != null) {
            settled();
            pending.cancel();
        }
    }
}
