package net.sniproxy.proxy.upstream;

import io.netty.channel.Channel;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Has a say in the sockets of upstream connections before they connect. Thread-safe, does not block. */
public interface UpstreamSockets {
    /**
     * The local address and port from which an attempt starts.
     *
     * @return empty where the kernel may choose
     * @throws BindException if every port is taken
     */
    Optional<InetSocketAddress> source(InetSocketAddress upstream) throws BindException;

    /** Told of a socket before it is connected; on its event loop. */
    void connecting(Channel upstream);
}
