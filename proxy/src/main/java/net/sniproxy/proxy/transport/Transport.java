package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** One way to make sockets. Stateless and thread-safe; each new channel is unregistered and its caller's to close. */
public sealed interface Transport permits EpollTransport, NioTransport {
    /** Pending connections that the kernel keeps per listening socket (it takes the lesser of this and somaxconn). */
    int BACKLOG = 4096;

    /** The native one where its library is there for this platform, else NIO. */
    static Transport best() {
        return Epoll.isAvailable() ? new EpollTransport() : nio();
    }

    /** NIO, wherever. */
    static Transport nio() {
        return new NioTransport();
    }

    /** Why the native transport is not used; empty when it is. */
    String limitation();

    /** Makes the event loops that these sockets need. */
    IoHandlerFactory ioHandlers();

    /** Whether several sockets can listen on one address, so that each event loop accepts for itself. */
    boolean sharesPorts();

    /**
     * A listening socket, unbound, with what its accepted sockets inherit.
     *
     * @param onlyV6 whether an IPv6 wildcard leaves IPv4 alone
     */
    ServerChannel listener(InetSocketAddress address, boolean onlyV6);

    /**
     * A socket, unbound, that cannot be bound where anybody listens already. Where ports are shared ({@link #sharesPorts}) it does not
     * listen when it is bound: who connected then would be refused after all when it is closed.
     */
    Channel probe(InetSocketAddress address, boolean onlyV6);

    /** A socket to connect to the address; its family is the address's, never an IPv4 address mapped into IPv6. */
    SocketChannel socket(InetSocketAddress address);

    /**
     * Has the kernel notice when the peer of a TCP connection vanishes without a word: it probes a peer that is silent, and gives one
     * up that leaves data unacknowledged. The connection then fails with a timeout, see {@link SocketState#isTimeout}. What a listening
     * socket is told holds for those it accepts from then on. Does nothing for other channels, and where the platform cannot.
     *
     * @param unacknowledged how long sent data may stay without an acknowledgement (TCP_USER_TIMEOUT, RFC 5482)
     */
    void watchPeer(Channel channel, Duration unacknowledged);

    /** A unix stream socket. */
    DuplexChannel unixSocket();

    /** The address of a unix socket in the form that {@link #unixSocket} connects to. */
    SocketAddress unixAddress(Path path);

    /** UDP sockets for the resolver. */
    ChannelFactory<DatagramChannel> datagrams();

    /** TCP sockets for the resolver, for answers that do not fit into a datagram. */
    ChannelFactory<SocketChannel> resolverSockets();

    /** The family an address belongs to. */
    static SocketProtocolFamily family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    }
}
