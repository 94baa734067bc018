package net.sniproxy.proxy.event;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * An open connection as it was at one moment.
 *
 * @param client as in {@link ConnectionEvent.HelloRead}; the peer if it did not get so far
 * @param name as in {@link ConnectionEvent.HelloRead}
 * @param route as in {@link ConnectionEvent.Routed}
 * @param target as in {@link ConnectionEvent.Routed}
 * @param upstream as in {@link ConnectionEvent.Connected}
 * @param path the data path that carries it; empty until that is chosen
 * @param bytes so far
 */
public record LiveConnection(
        ConnectionInfo connection,
        InetSocketAddress client,
        Optional<String> name,
        Optional<String> route,
        Optional<String> target,
        Optional<SocketAddress> upstream,
        Optional<DataPathKind> path,
        ByteCounts bytes) {}
