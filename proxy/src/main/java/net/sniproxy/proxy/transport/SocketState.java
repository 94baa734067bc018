package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;

/** What the kernel's TCP knows about a socket. */
public final class SocketState {
    /** TCP_CLOSE in the kernel's net/tcp_states.h: after an RST or a timeout. */
    private static final int CLOSE = 7;

    private SocketState() {}

    /**
     * Whether the connection is over in both directions, without reading from it. False where the platform cannot tell, and for
     * sockets other than TCP.
     */
    public static boolean isClosed(Channel channel) {
        if (!(channel instanceof EpollSocketChannel tcp)) {
            return false;
        }
        try {
            return tcp.tcpInfo().state() == CLOSE;
        } catch (ChannelException gone) {
            return true;
        }
    }
}
