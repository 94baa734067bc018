package net.sniproxy.proxy.stats;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import net.sniproxy.proxy.event.LiveConnection;

/** The connections that have moved most, so many of them, among those that are wanted. Not thread-safe. */
final class Busiest {
    private static final Comparator<LiveConnection> LEAST_FIRST = Comparator.comparingLong(
                    (LiveConnection connection) ->
                            connection.bytes().up() + connection.bytes().down())
            .thenComparing(connection -> connection.connection().id(), Comparator.reverseOrder());

    private final int most;
    private final Predicate<LiveConnection> wanted;
    private final PriorityQueue<LiveConnection> kept = new PriorityQueue<>(LEAST_FIRST);

    Busiest(int most, Predicate<LiveConnection> wanted) {
        this.most = most;
        this.wanted = wanted;
    }

    void add(LiveConnection connection) {
        if (wanted.test(connection)) {
            kept.add(connection);
            if (kept.size() > most) {
                kept.poll();
            }
        }
    }

    void add(Busiest other) {
        other.kept.forEach(this::add);
    }

    /** The busiest first. */
    List<LiveConnection> list() {
        return kept.stream().sorted(LEAST_FIRST.reversed()).toList();
    }
}
