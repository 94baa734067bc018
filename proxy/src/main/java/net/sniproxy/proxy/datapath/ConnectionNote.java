package net.sniproxy.proxy.datapath;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What must be known of a connection so that another process can go on with it.
 *
 * @param acceptedAt when it was accepted
 * @param listener the local address it was accepted on
 * @param peer the other end of the TCP connection
 * @param client the client: the peer, or who a PROXY protocol header says it is
 * @param upstream the address that it is connected to
 * @param name the server name
 * @param alpn the application protocols offered
 * @param routeDigest of everything that the route says, to recognise it in another configuration
 * @param target as {@link net.sniproxy.proxy.event.ConnectionEvent.Routed#target}
 * @param relayedUp bytes that went up before the kernel took over
 * @param relayedDown bytes that went down before
 */
public record ConnectionNote(
        Instant acceptedAt,
        InetSocketAddress listener,
        InetSocketAddress peer,
        InetSocketAddress client,
        InetSocketAddress upstream,
        Optional<String> name,
        List<String> alpn,
        long routeDigest,
        String target,
        long relayedUp,
        long relayedDown) {
    public ConnectionNote {
        alpn = List.copyOf(alpn);
    }
}
