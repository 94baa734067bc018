package net.sniproxy.proxy.server;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.dns.Resolver;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.filter.Admission;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.upstream.Dial;
import org.jspecify.annotations.Nullable;

/**
 * One event loop with the connections it has accepted. Unless it says otherwise, a method is for that event loop.
 *
 * <p>Deadlines are kept by looking at every connection now and then, not by a timer for each: a connection costs no timer, and
 * its deadlines are met to within the sweep's interval.
 */
final class Worker {
    /** Upstream connections that one event loop makes at a time: a black hole behind a popular name must not take every descriptor. */
    private static final int MOST_DIALS = 2_000;

    private static final long LONGEST_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final EventLoop loop;
    private final Server server;
    private Resolver resolver;
    private @Nullable Session first;
    private int dials;
    private boolean refusing;

    Worker(EventLoop loop, Server server, Resolver resolver) {
        this.loop = loop;
        this.server = server;
        this.resolver = resolver;
    }

    EventLoop loop() {
        return loop;
    }

    /** The configuration as it is now. */
    RunningConfig running() {
        return server.running();
    }

    /** Takes charge of an accepted socket that is not registered yet. */
    void accepted(SocketChannel client, InetSocketAddress listener) {
        InetSocketAddress peer = client.remoteAddress();
        if (peer == null || refusing) {
            client.unsafe().closeForcibly(); // Gone between SYN and accept, or we are.
            return;
        }
        var info = new ConnectionInfo(server.nextId(), listener, peer, Instant.now());
        var connection = new Connection(this, client, new ConnectionStory(info, server.observers()));
        add(connection);
        connection.start();
    }

    Admission admit(InetAddress source) {
        return server.access().admit(source);
    }

    /** Whether a source would be let in now, however many connections it has. */
    boolean letsIn(InetAddress source) {
        return server.access().allowed(source);
    }

    boolean mayDial() {
        return dials < MOST_DIALS;
    }

    void dialling(int change) {
        dials += change;
    }

    Dial dial(Dial.Request request, Dial.Listener listener) {
        return new Dial(running().upstreams(), resolver, loop, request, listener);
    }

    /** Whether no kernel data path can take a connection over. */
    boolean relaysOnly() {
        return server.dataPaths().paths().isEmpty();
    }

    /** See {@link net.sniproxy.proxy.datapath.DataPath#largestSegment}. */
    OptionalInt largestSegment(Channel client) {
        return server.dataPaths().largestSegment(client);
    }

    DataPaths.Choice choose(Legs legs) {
        return server.dataPaths().choose(legs);
    }

    /** Has the kernel notice when this connected upstream vanishes. */
    void lookAfter(Channel upstream) {
        server.transport().watchPeer(upstream, running().config().timeouts().unacknowledged());
    }

    private void add(Session connection) {
        connection.next = first;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
        server.opened();
    }

    void remove(Session connection) {
        if (connection.previous != null) {
            connection.previous.next = connection.next;
        } else {
            first = connection.next;
        }
        if (connection.next != null) {
            connection.next.previous = connection.previous;
        }
        connection.previous = null;
        server.closed();
    }

    /** Puts what is left of a connection in its place. */
    void replace(Connection connection, DetachedConnection rest) {
        add(rest);
        remove(connection);
    }

    /** Goes on with a connection that another process left to the kernel. */
    void adopt(AdoptableConnection left) {
        ConnectionNote note = left.note();
        Optional<Route> route = running().route(note.name(), note.alpn());
        boolean same = DetachedConnection.sameRoute(note, route);
        var story = ConnectionStory.adopted(server.nextId(), note, route, server.observers());
        var connection = new DetachedConnection(
                this,
                story,
                server.access().count(note.client().getAddress()),
                route.flatMap(taken -> running().upstreams().lease(taken, note.target()))
                        .orElse(null),
                ByteCounts.relayedEarlier(note.relayedUp(), note.relayedDown()));
        add(connection);
        connection.flow(left.adopt(connection));
        if (!same || !letsIn(note.client().getAddress())) {
            connection.abort(Ending.REVOKED);
        }
    }

    /** Every connection as it is now. */
    Stream<LiveConnection> open() {
        return Stream.iterate(first, Objects::nonNull, connection -> connection.next)
                .map(Session::live);
    }

    /** Lets go of what goes on in the kernel without this process. */
    void releaseDetached() {
        forEach(Session::release);
    }

    /** Begins to keep deadlines; goes on until the event loop ends. */
    void keepDeadlines() {
        loop.schedule(this::sweep, sweepInterval(), TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        keepDeadlines();
        long now = System.nanoTime();
        forEach(connection -> connection.check(now));
    }

    /** A twentieth of the shortest deadline. */
    private long sweepInterval() {
        var deadlines = running().deadlines();
        long shortest = Math.min(deadlines.hello(), Math.min(deadlines.connect(), deadlines.idle()));
        return Math.clamp(shortest / 20, SHORTEST_SWEEP_NANOS, LONGEST_SWEEP_NANOS);
    }

    /** Goes on with a new configuration's resolver, and ends connections that it would not let in or lead elsewhere. */
    void reloaded(RunningConfig running, @Nullable Resolver newResolver) {
        if (newResolver != null) {
            resolver.close();
            resolver = newResolver;
        }
        forEach(connection -> connection.recheck(running));
    }

    /** Ends every connection with RST. */
    void abortAll(Ending ending) {
        forEach(connection -> connection.abort(ending));
    }

    /** Ends every connection, and those that are still being accepted. */
    void stop() {
        refusing = true;
        releaseDetached();
        abortAll(Ending.DRAINED);
        resolver.close();
    }

    private void forEach(Consumer<Session> action) {
        Session connection = first;
        while (connection != null) {
            Session following = connection.next;
            action.accept(connection);
            connection = following;
        }
    }
}
