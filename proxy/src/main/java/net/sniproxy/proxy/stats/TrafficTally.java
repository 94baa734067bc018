package net.sniproxy.proxy.stats;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionEvent.Left;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;

/** Adds up connections. Not thread-safe. */
final class TrafficTally {
    private final Map<Ending, Long> ended = new EnumMap<>(Ending.class);
    private final Map<DataPathKind, Volume> paths = new EnumMap<>(DataPathKind.class);
    private final Map<String, Volume> routes;
    private final Map<String, Volume> names;
    private final Map<String, Volume> clients;
    private Volume relayed = Volume.NONE;
    private long accepted;
    private long open;

    private TrafficTally(Map<String, Volume> routes, Map<String, Volume> names, Map<String, Volume> clients) {
        this.routes = routes;
        this.names = names;
        this.clients = clients;
    }

    /** Keeps every route, name and client: as many as there are connections. */
    static TrafficTally unbounded() {
        return new TrafficTally(new HashMap<>(), new HashMap<>(), new HashMap<>());
    }

    /** Keeps the routes, names and clients that were seen last: so many of each. */
    static TrafficTally bounded(int capacity) {
        return new TrafficTally(new Recent(capacity), new Recent(capacity), new Recent(capacity));
    }

    /** The least recently added one makes room. */
    private static final class Recent extends LinkedHashMap<String, Volume> {
        private static final long serialVersionUID = 1;

        private final int capacity;

        Recent(int capacity) {
            super(16, 0.75f, true);
            this.capacity = capacity;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Volume> eldest) {
            return size() > capacity;
        }
    }

    void accepted() {
        accepted++;
    }

    void add(Closed closed) {
        ended.merge(closed.ending(), 1L, Long::sum);
        add(closed.path(), closed.route(), closed.name(), closed.client(), Volume.ofEnded(closed.bytes()));
        addRelayed(closed.bytes());
    }

    void add(LiveConnection connection) {
        open++;
        add(connection, Volume.ofOpen(connection.bytes()));
    }

    void add(Left left) {
        add(left.last(), Volume.ofEnded(left.last().bytes()));
    }

    private void add(LiveConnection connection, Volume volume) {
        add(connection.path(), connection.route(), connection.name(), connection.client(), volume);
        addRelayed(connection.bytes());
    }

    private void addRelayed(ByteCounts bytes) {
        relayed = relayed.plus(new Volume(0, 0, bytes.relayedUp(), bytes.relayedDown()));
    }

    /** Clients choose names and, in IPv6, addresses: only those that have got as far as a route are remembered. */
    private void add(
            Optional<DataPathKind> path,
            Optional<String> route,
            Optional<String> name,
            InetSocketAddress client,
            Volume volume) {
        path.ifPresent(kind -> paths.merge(kind, volume, Volume::plus));
        route.ifPresent(pattern -> {
            routes.merge(pattern, volume, Volume::plus);
            name.ifPresent(text -> names.merge(text, volume, Volume::plus));
            clients.merge(address(client), volume, Volume::plus);
        });
    }

    private static String address(InetSocketAddress client) {
        InetAddress address = client.getAddress();
        return address == null ? client.getHostString() : NetUtil.toAddressString(address);
    }

    void add(TrafficTally other) {
        accepted += other.accepted;
        open += other.open;
        relayed = relayed.plus(other.relayed);
        other.ended.forEach((ending, count) -> ended.merge(ending, count, Long::sum));
        other.paths.forEach((path, volume) -> paths.merge(path, volume, Volume::plus));
        other.routes.forEach((route, volume) -> routes.merge(route, volume, Volume::plus));
        other.names.forEach((name, volume) -> names.merge(name, volume, Volume::plus));
        other.clients.forEach((client, volume) -> clients.merge(client, volume, Volume::plus));
    }

    /** What it has come to; of no further use afterwards. */
    TrafficSnapshot result(Busiest busiest) {
        for (DataPathKind path : DataPathKind.values()) {
            paths.putIfAbsent(path, Volume.NONE);
        }
        return new TrafficSnapshot(accepted, open, ended, paths, relayed, routes, names, clients, busiest.list());
    }
}
