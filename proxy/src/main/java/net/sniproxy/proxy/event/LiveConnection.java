package net.sniproxy.proxy.event;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * An open connection as it was at one moment.
 *
 * @param client as in {@link ConnectionEvent.HelloRead}; the peer if it did not get so far
 * @param name as in {@link ConnectionEvent.HelloRead}
 * @param route as in {@link ConnectionEvent.Routed}
 * @param target as in {@link ConnectionEvent.Routed}
 * @param path the data path that carries it; empty until that is chosen
 * @param bytesUp as in {@link ConnectionEvent.Closed}, so far
 * @param bytesDown as in {@link ConnectionEvent.Closed}, so far
 */
public record LiveConnection(
        ConnectionInfo connection,
        InetSocketAddress client,
        Optional<String> name,
        Optional<String> route,
        Optional<String> target,
        Optional<DataPathKind> path,
        long bytesUp,
        long bytesDown) {}
