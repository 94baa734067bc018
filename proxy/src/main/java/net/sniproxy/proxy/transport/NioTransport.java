package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** Every other platform; one socket listens per address, and options that only Linux has are left out. */
record NioTransport() implements Transport {
    @Override
    public String limitation() {
        Throwable cause = Epoll.unavailabilityCause();
        return "no native epoll transport" + (cause == null ? "" : ": " + rootOf(cause));
    }

    private static String rootOf(Throwable cause) {
        Throwable root = cause;
        for (Throwable next = root.getCause(); next != null; next = root.getCause()) {
            root = next;
        }
        return Objects.requireNonNullElse(root.getMessage(), root.toString());
    }

    @Override
    public IoHandlerFactory ioHandlers() {
        return NioIoHandler.newFactory();
    }

    @Override
    public boolean sharesPorts() {
        return false;
    }

    @Override
    public ServerChannel listener(InetSocketAddress address, boolean onlyV6) {
        var channel = new NioServerSocketChannel(SelectorProvider.provider(), Transport.family(address));
        channel.config().setReuseAddress(true).setBacklog(BACKLOG);
        return channel;
    }

    @Override
    public Channel probe(InetSocketAddress address, boolean onlyV6) {
        return listener(address, onlyV6);
    }

    @Override
    public SocketChannel socket(InetSocketAddress address) {
        var channel = new NioSocketChannel(SelectorProvider.provider(), Transport.family(address));
        channel.config().setConnectTimeoutMillis(0);
        return channel;
    }

    /** Only probes, at the times that the system has for them. */
    @Override
    public void watchPeer(Channel channel, Duration unacknowledged) {
        if (channel instanceof SocketChannel socket && socket.isOpen()) {
            socket.config().setKeepAlive(true);
        }
    }

    @Override
    public DuplexChannel unixSocket() {
        var channel = new NioDomainSocketChannel();
        channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        return channel;
    }

    @Override
    public SocketAddress unixAddress(Path path) {
        return UnixDomainSocketAddress.of(path);
    }

    @Override
    public ChannelFactory<DatagramChannel> datagrams() {
        return NioDatagramChannel::new;
    }

    @Override
    public ChannelFactory<SocketChannel> resolverSockets() {
        return NioSocketChannel::new;
    }
}
