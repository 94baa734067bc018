package net.sniproxy.proxy.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DataPaths.Choice;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionEvent.Connected;
import net.sniproxy.proxy.event.ConnectionEvent.HelloRead;
import net.sniproxy.proxy.event.ConnectionEvent.Left;
import net.sniproxy.proxy.event.ConnectionEvent.Opened;
import net.sniproxy.proxy.event.ConnectionEvent.PathChosen;
import net.sniproxy.proxy.event.ConnectionEvent.Routed;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import net.sniproxy.proxy.hello.ClientHello;
import net.sniproxy.proxy.route.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been learnt about a connection, told to the observers as it is learnt. For the connection's event loop. */
final class ConnectionStory {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionStory.class);

    private final ConnectionInfo info;
    private final List<ConnectionObserver> observers;
    private final long acceptedNanos;
    private InetSocketAddress client;
    private Optional<InetSocketAddress> destination = Optional.empty();
    private Optional<String> name = Optional.empty();
    private List<String> alpn = List.of();
    private Optional<Route> route = Optional.empty();
    private Optional<String> target = Optional.empty();
    private Optional<SocketAddress> upstream = Optional.empty();
    private Optional<DataPathKind> path = Optional.empty();
    private String pathReason = "";
    private long dialledNanos;

    ConnectionStory(ConnectionInfo info, List<ConnectionObserver> observers) {
        this(info, observers, System.nanoTime());
    }

    private ConnectionStory(ConnectionInfo info, List<ConnectionObserver> observers, long acceptedNanos) {
        this.info = info;
        this.acceptedNanos = acceptedNanos;
        this.observers = observers;
        this.client = info.peer();
        tell(new Opened(info));
    }

    /** Goes on with the story of a connection that another process accepted. */
    static ConnectionStory adopted(
            long id, ConnectionNote note, Optional<Route> route, List<ConnectionObserver> observers) {
        var info = new ConnectionInfo(id, note.listener(), note.peer(), note.acceptedAt());
        var story = new ConnectionStory(
                info,
                observers,
                System.nanoTime()
                        - Duration.between(note.acceptedAt(), Instant.now()).toNanos());
        story.client = note.client();
        story.name = note.name();
        story.alpn = note.alpn();
        story.route = route;
        story.target = Optional.of(note.target());
        story.upstream = Optional.of(note.upstream());
        story.path = Optional.of(DataPathKind.SPLICE);
        story.tell(new PathChosen(info, DataPathKind.SPLICE, List.of()));
        return story;
    }

    /** What another process must know to go on with it. */
    ConnectionNote note(long relayedUp, long relayedDown) {
        return new ConnectionNote(
                info.acceptedAt(),
                info.listener(),
                info.peer(),
                client,
                (InetSocketAddress) upstream.orElseThrow(),
                name,
                alpn,
                route.map(Route::digest).orElse(0L),
                target.orElse(""),
                relayedUp,
                relayedDown);
    }

    /** A trusted peer speaks for another. */
    void proxied(ProxyHeaders.Ends told) {
        client = told.client();
        destination = Optional.of(told.destination());
    }

    void helloRead(Optional<String> serverName, ClientHello hello) {
        name = serverName;
        alpn = hello.alpn();
        tell(new HelloRead(info, client, name, alpn, (int) hello.bytes()));
    }

    void routed(Route taken) {
        route = Optional.of(taken);
        dialledNanos = System.nanoTime();
    }

    /** Told to the observers for the first target only. */
    void trying(String chosen) {
        boolean first = target.isEmpty();
        target = Optional.of(chosen);
        if (first) {
            tell(new Routed(info, route.orElseThrow().label(), chosen));
        }
    }

    void connected(SocketAddress address) {
        upstream = Optional.of(address);
        tell(new Connected(info, address, Duration.ofNanos(System.nanoTime() - dialledNanos)));
    }

    void pathChosen(Choice choice) {
        path = Optional.of(choice.kind());
        pathReason = choice.kind() == DataPathKind.RELAY ? choice.reason() : "";
        tell(new PathChosen(info, choice.kind(), choice.declined()));
    }

    void closed(ByteCounts bytes, Ending ending, String detail) {
        tell(new Closed(
                info,
                client,
                name,
                alpn,
                route.map(Route::label),
                target,
                upstream,
                path,
                pathReason,
                bytes,
                Duration.ofNanos(System.nanoTime() - acceptedNanos),
                ending,
                detail));
    }

    LiveConnection live(ByteCounts bytes) {
        return new LiveConnection(info, client, name, route.map(Route::label), target, upstream, path, bytes);
    }

    void left(ByteCounts bytes) {
        tell(new Left(live(bytes)));
    }

    ConnectionInfo info() {
        return info;
    }

    InetSocketAddress client() {
        return client;
    }

    /** Where the client connected to, if a trusted peer took the connection there. */
    Optional<InetSocketAddress> destination() {
        return destination;
    }

    InetAddress clientAddress() {
        return client.getAddress();
    }

    Optional<String> name() {
        return name;
    }

    List<String> alpn() {
        return alpn;
    }

    Optional<Route> route() {
        return route;
    }

    long acceptedNanos() {
        return acceptedNanos;
    }

    private void tell(ConnectionEvent event) {
        for (ConnectionObserver observer : observers) {
            try {
                observer.on(event);
            } catch (RuntimeException e) {
                LOG.error("{} failed on {}", observer.getClass().getName(), event, e);
            }
        }
    }
}
