package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** Linux: options of accepted sockets are set once on the listening socket, from which they inherit them. */
record EpollTransport() implements Transport {
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_IPV6 = 41;
    private static final int SOL_SOCKET = 1;

    private static final IntegerUnixChannelOption KEEPALIVE = new IntegerUnixChannelOption("KEEPALIVE", SOL_SOCKET, 9);
    private static final IntegerUnixChannelOption NODELAY = new IntegerUnixChannelOption("NODELAY", IPPROTO_TCP, 1);
    private static final IntegerUnixChannelOption KEEPIDLE = new IntegerUnixChannelOption("KEEPIDLE", IPPROTO_TCP, 4);
    private static final IntegerUnixChannelOption KEEPINTVL = new IntegerUnixChannelOption("KEEPINTVL", IPPROTO_TCP, 5);
    private static final IntegerUnixChannelOption KEEPCNT = new IntegerUnixChannelOption("KEEPCNT", IPPROTO_TCP, 6);
    private static final IntegerUnixChannelOption USER_TIMEOUT =
            new IntegerUnixChannelOption("USER_TIMEOUT", IPPROTO_TCP, 18);
    private static final IntegerUnixChannelOption NOTSENT_LOWAT =
            new IntegerUnixChannelOption("NOTSENT_LOWAT", IPPROTO_TCP, 25);
    private static final IntegerUnixChannelOption V6ONLY = new IntegerUnixChannelOption("V6ONLY", IPPROTO_IPV6, 26);

    /**
     * The kernel takes no more for a receiver while this much has not been sent yet. Without a limit a stopped receiver holds
     * what its congestion window would allow, megabytes on a fast link, and a thousand of them bring all of the host's
     * TCP under memory pressure. What is under way to the receiver does not count: throughput is not limited.
     */
    private static final int UNSENT_BYTES = 256 * 1024;

    /** Connections in which the client's first bytes may come with its SYN, waiting at one time. */
    private static final int FAST_OPEN_QUEUE = 256;

    @Override
    public String limitation() {
        return "";
    }

    @Override
    public IoHandlerFactory ioHandlers() {
        return LastingEpoll.factory();
    }

    @Override
    public boolean sharesPorts() {
        return true;
    }

    @Override
    public ServerChannel listener(InetSocketAddress address, boolean onlyV6) {
        var channel = new EpollServerSocketChannel(Transport.family(address));
        var config = channel.config();
        beforeBind(config, onlyV6);
        config.setReusePort(true).setBacklog(BACKLOG).setTcpFastopen(FAST_OPEN_QUEUE);
        config.setOption(NODELAY, 1);
        config.setOption(NOTSENT_LOWAT, UNSENT_BYTES);
        return channel;
    }

    @Override
    public Channel probe(InetSocketAddress address, boolean onlyV6) {
        var channel = new EpollSocketChannel(Transport.family(address));
        beforeBind(channel.config(), onlyV6);
        return channel;
    }

    private static void beforeBind(EpollChannelConfig config, boolean onlyV6) {
        config.setOption(ChannelOption.SO_REUSEADDR, true);
        if (onlyV6) {
            config.setOption(V6ONLY, 1);
        }
    }

    @Override
    public SocketChannel socket(InetSocketAddress address) {
        var channel = new EpollSocketChannel(Transport.family(address));
        var config = channel.config();
        // The deadline of a connection attempt is kept by its owner: no timer for each socket.
        config.setConnectTimeoutMillis(0);
        config.setOption(NOTSENT_LOWAT, UNSENT_BYTES);
        return channel;
    }

    @Override
    public void watchPeer(Channel channel, Duration unacknowledged) {
        if (channel.isOpen()
                && (channel instanceof EpollSocketChannel || channel instanceof EpollServerSocketChannel)) {
            var config = channel.config();
            config.setOption(KEEPALIVE, 1);
            config.setOption(KEEPIDLE, DeadPeer.IDLE_SECONDS);
            config.setOption(KEEPINTVL, DeadPeer.PROBE_INTERVAL_SECONDS);
            config.setOption(KEEPCNT, DeadPeer.PROBES);
            config.setOption(USER_TIMEOUT, Math.toIntExact(unacknowledged.toMillis()));
        }
    }

    @Override
    public DuplexChannel unixSocket() {
        var channel = new EpollDomainSocketChannel();
        channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        return channel;
    }

    @Override
    public SocketAddress unixAddress(Path path) {
        return new DomainSocketAddress(path.toString());
    }

    @Override
    public ChannelFactory<DatagramChannel> datagrams() {
        return EpollDatagramChannel::new;
    }

    @Override
    public ChannelFactory<SocketChannel> resolverSockets() {
        return EpollSocketChannel::new;
    }
}
