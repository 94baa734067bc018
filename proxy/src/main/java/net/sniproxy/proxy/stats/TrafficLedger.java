package net.sniproxy.proxy.stats;

import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.ConnectionSurvey;
import net.sniproxy.proxy.event.LiveConnection;

/**
 * Knows what all connections have moved, ended and open ones. Each event loop keeps the books of those that have ended there,
 * and is asked for its open ones at the same moment: so nothing counts twice or not at all, however connections come and go,
 * and no sum ever decreases. Routes, names and clients are remembered as far as there is room.
 *
 * <p>Thread-safe.
 */
public final class TrafficLedger implements ConnectionObserver {
    /** Of routes, names and clients each, by event loop. */
    static final int REMEMBERED = 1_000;

    private final Map<Thread, TrafficTally> ended = new ConcurrentHashMap<>();
    private volatile Consumer<ConnectionSurvey> open = nothing -> {};

    /** Begins to count open connections too: {@code survey} shows them. */
    public void watch(Consumer<ConnectionSurvey> survey) {
        open = survey;
    }

    @Override
    public void on(ConnectionEvent event) {
        switch (event) {
            case ConnectionEvent.Opened opened -> ofThisLoop().accepted();
            case ConnectionEvent.Closed closed -> ofThisLoop().add(closed);
            case ConnectionEvent.Left left -> ofThisLoop().add(left);
            case ConnectionEvent.HelloRead read -> {}
            case ConnectionEvent.Routed routed -> {}
            case ConnectionEvent.Connected connected -> {}
            case ConnectionEvent.PathChosen chosen -> {}
        }
    }

    private TrafficTally ofThisLoop() {
        return ended.computeIfAbsent(Thread.currentThread(), loop -> TrafficTally.bounded(REMEMBERED));
    }

    /** Everything, without single connections. Waits for every event loop, so it must not be called on one. */
    public TrafficSnapshot snapshot() {
        return snapshot(0, connection -> false);
    }

    /**
     * Everything. Waits for every event loop, so it must not be called on one.
     *
     * @param most how many open connections to show
     * @param shown which ones
     */
    public TrafficSnapshot snapshot(int most, Predicate<LiveConnection> shown) {
        Queue<Look> looks = new ConcurrentLinkedQueue<>();
        open.accept(connections -> looks.add(look(connections, new Busiest(most, shown))));
        TrafficTally all = TrafficTally.unbounded();
        if (looks.isEmpty()) {
            // No event loop runs: nothing changes any more, and nothing is open.
            ended.values().forEach(all::add);
        }
        Busiest busiest = new Busiest(most, shown);
        for (Look look : looks) {
            all.add(look.tally());
            busiest.add(look.busiest());
        }
        return all.result(busiest);
    }

    /**
     * What open connections have moved so far, by what {@code key} makes of them; without those it makes nothing of. Waits for
     * every event loop.
     */
    <K> Map<K, Volume> openBy(Function<LiveConnection, Optional<K>> key) {
        Map<K, Volume> volumes = new ConcurrentHashMap<>();
        open.accept(connections -> connections.forEach(connection -> key.apply(connection)
                .ifPresent(one -> volumes.merge(one, Volume.ofOpen(connection.bytes()), Volume::plus))));
        return volumes;
    }

    /** One event loop's books. */
    private record Look(TrafficTally tally, Busiest busiest) {}

    private Look look(Stream<LiveConnection> connections, Busiest busiest) {
        TrafficTally tally = TrafficTally.unbounded();
        tally.add(ofThisLoop());
        connections.forEach(connection -> {
            tally.add(connection);
            busiest.add(connection);
        });
        return new Look(tally, busiest);
    }
}
