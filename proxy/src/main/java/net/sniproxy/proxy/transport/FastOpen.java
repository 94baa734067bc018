package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.AttributeKey;

/**
 * TCP Fast Open towards a server (RFC 7413), which saves a round trip: where the kernel has a cookie of the server's,
 * connect(2) returns at once, and the SYN waits for the first write and takes its bytes along (TCP_FASTOPEN_CONNECT, Linux 4.11).
 * Whether anybody is there turns out later. Without a cookie the connection is an ordinary one that asks for a cookie, and the
 * first bytes go with the third packet of its handshake.
 *
 * <p>A server may see the bytes of a repeated SYN twice. TLS provides for that: a ClientHello has no effect by itself, and early
 * data is repeatable by its nature (RFC 8446 section 8). For the channel's event loop.
 */
public final class FastOpen {
    private static final int IPPROTO_TCP = 6;
    private static final IntegerUnixChannelOption QUICKACK = new IntegerUnixChannelOption("QUICKACK", IPPROTO_TCP, 12);
    private static final IntegerUnixChannelOption CONNECT =
            new IntegerUnixChannelOption("FASTOPEN_CONNECT", IPPROTO_TCP, 30);
    private static final AttributeKey<Boolean> EARLY = AttributeKey.valueOf(FastOpen.class, "early");

    private static final int TCP_ESTABLISHED = 1;
    private static final int TCP_SYN_SENT = 2;

    private FastOpen() {}

    /**
     * Asks for it; before connect. The first bytes must be ready to be written when the channel is connected. A Fast Open is only
     * tried where the system allows it (net.ipv4.tcp_fastopen).
     */
    public static void request(Channel channel) {
        if (channel instanceof EpollSocketChannel) {
            // An acknowledgement that is not hurried waits for data to go with it, for 40 ms at most.
            channel.config().setOption(QUICKACK, 0);
            if (Epoll.isTcpFastOpenClientSideAvailable()) {
                channel.config().setOption(CONNECT, 1);
            }
        }
    }

    /** The channel for which it was asked says that it is connected, and said so as soon as it was told to connect. */
    public static void connectedAtOnce(Channel channel) {
        channel.attr(EARLY).set(true);
    }

    /** Whether the SYN that took the first bytes along has not been answered yet, or never was before the connection failed. */
    public static boolean isUnanswered(Channel channel) {
        if (!channel.hasAttr(EARLY)
                || channel.attr(EARLY).get() == null
                || !(channel instanceof EpollSocketChannel socket)) {
            return false;
        }
        try {
            EpollTcpInfo info = socket.tcpInfo();
            // The first measured round trip is that of the SYN; what has failed since keeps it.
            boolean answered = info.state() == TCP_ESTABLISHED || info.state() != TCP_SYN_SENT && info.rtt() > 0;
            if (answered) {
                channel.attr(EARLY).set(null);
            }
            return !answered;
        } catch (ChannelException closed) {
            return true;
        }
    }
}
