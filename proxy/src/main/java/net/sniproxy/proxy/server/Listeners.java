package net.sniproxy.proxy.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ServerChannel;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.transport.Transport;
import org.jspecify.annotations.Nullable;

/** The listening sockets: for each address one per event loop where the platform allows it. Guarded by its owner. */
final class Listeners {
    private final Transport transport;
    private final List<Worker> workers;
    private final Acceptor.AcceptTrouble trouble = new Acceptor.AcceptTrouble();
    private final Map<InetSocketAddress, Bound> bound = new LinkedHashMap<>();

    /** The sockets of one configured address. */
    private record Bound(InetSocketAddress address, List<Channel> sockets) {
        /** For the connections that they accept from now on. */
        void watchPeers(Transport transport, Duration unacknowledged) {
            sockets.forEach(socket -> transport.watchPeer(socket, unacknowledged));
        }

        void close() {
            sockets.forEach(socket -> socket.close().awaitUninterruptibly());
        }
    }

    Listeners(Transport transport, List<Worker> workers) {
        this.transport = transport;
        this.workers = workers;
    }

    /** Bound addresses in the order given. */
    List<InetSocketAddress> addresses() {
        return bound.values().stream().map(Bound::address).toList();
    }

    /**
     * Listens on these addresses and no others. Sockets of addresses that stay are kept.
     *
     * @param unacknowledged see {@link Transport#watchPeer}
     * @throws StartException if one cannot be bound; then everything is as before
     */
    void change(List<InetSocketAddress> wanted, Duration unacknowledged) throws StartException {
        Map<InetSocketAddress, Bound> next = new LinkedHashMap<>();
        List<Bound> opened = new ArrayList<>();
        try {
            for (InetSocketAddress address : wanted) {
                Bound sockets = alreadyBound(address);
                if (sockets == null) {
                    sockets = bind(address, onlyV6(address, wanted));
                    opened.add(sockets);
                }
                next.put(address, sockets);
            }
        } catch (StartException e) {
            opened.forEach(Bound::close);
            throw e;
        }
        for (Bound old : bound.values()) {
            if (!next.containsValue(old)) {
                old.close();
            }
        }
        bound.clear();
        bound.putAll(next);
        bound.values().forEach(sockets -> sockets.watchPeers(transport, unacknowledged));
    }

    /** As it was configured, or as what a port 0 became. */
    private @Nullable Bound alreadyBound(InetSocketAddress address) {
        Bound known = bound.get(address);
        if (known != null) {
            return known;
        }
        for (Bound candidate : bound.values()) {
            if (candidate.address.equals(address)) {
                return candidate;
            }
        }
        return null;
    }

    void close() {
        bound.values().forEach(Bound::close);
        bound.clear();
    }

    /** An IPv6 wildcard takes IPv4 along, unless that has a listener of its own on this port. */
    private static boolean onlyV6(InetSocketAddress address, List<InetSocketAddress> all) {
        return address.getAddress() instanceof Inet6Address
                && address.getAddress().isAnyLocalAddress()
                && all.stream()
                        .anyMatch(other ->
                                other.getPort() == address.getPort() && !(other.getAddress() instanceof Inet6Address));
    }

    private Bound bind(InetSocketAddress address, boolean onlyV6) throws StartException {
        List<Channel> sockets = new ArrayList<>();
        try {
            InetSocketAddress actual = address;
            if (transport.sharesPorts() && address.getPort() != 0) {
                refuseIfTaken(address, onlyV6);
            }
            for (Worker worker : transport.sharesPorts() ? workers : workers.subList(0, 1)) {
                Channel socket = listen(worker, actual, onlyV6);
                sockets.add(socket);
                actual = (InetSocketAddress) socket.localAddress();
            }
            return new Bound(actual, List.copyOf(sockets));
        } catch (StartException e) {
            sockets.forEach(Channel::close);
            throw e;
        }
    }

    /**
     * With SO_REUSEPORT a second proxy would share the port with a first one and take half of its connections. So ask without it
     * first.
     */
    private void refuseIfTaken(InetSocketAddress address, boolean onlyV6) throws StartException {
        Channel probe = bound(workers.getFirst(), transport.probe(address, onlyV6), address);
        probe.close().awaitUninterruptibly();
    }

    private Channel listen(Worker worker, InetSocketAddress address, boolean onlyV6) throws StartException {
        ServerChannel socket = transport.listener(address, onlyV6);
        socket.pipeline().addLast(new Acceptor(worker, trouble));
        return bound(worker, socket, address);
    }

    private static Channel bound(Worker worker, Channel socket, InetSocketAddress address) throws StartException {
        worker.loop().register(socket).awaitUninterruptibly();
        ChannelFuture bind = socket.bind(address).awaitUninterruptibly();
        if (!bind.isSuccess()) {
            socket.close();
            throw new StartException(ListenFailure.explain(address, bind.cause()), bind.cause());
        }
        return socket;
    }
}
