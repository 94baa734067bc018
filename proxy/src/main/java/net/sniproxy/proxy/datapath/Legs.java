package net.sniproxy.proxy.datapath;

import io.netty.channel.Channel;
import java.util.Optional;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.event.PathDeclined;

/**
 * The two legs of a connection at the moment a data path is chosen. All methods are for the connection's event loop, on which
 * both channels are registered.
 */
public interface Legs {
    /** Which connection this is. */
    ConnectionInfo connection();

    /** The server name of the hello. */
    Optional<String> name();

    /** The pattern of the route it takes. */
    String route();

    /** The accepted socket. */
    Channel client();

    /** The connected socket, to which nothing has been sent yet except what a SOCKS5 handshake needed. */
    Channel upstream();

    /** How many bytes of the client's were read from its socket: the ClientHello and what came in the same segment. */
    int clientBytesRead();

    /** How many bytes will be sent upstream before {@link #clientBytesRead} follow: a PROXY protocol header or nothing. */
    int prefixBytes();

    /** What the next process must know of the connection; after the relay has begun. */
    ConnectionNote note();

    /** The path that had accepted the connection leaves it to the relay after all; label and reason as in {@link PathDeclined}. */
    void relayedAfterAll(PathDeclined why);

    /**
     * The kernel owns the connection from now on: the relay lets go of both sockets and closes their descriptors without a word
     * to the peers (the path has seen to that, e.g. by TCP_REPAIR). What stays of the connection is its owner, which closes the
     * flow when it is over; these legs and the {@link KernelForwarding} are of no further use.
     */
    DetachedOwner detach(DetachedFlow flow);
}
