package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.util.Optional;

/** What the kernel knows about a socket. */
public final class SocketState {
    private static final int SOL_SOCKET = 1;
    private static final IntegerUnixChannelOption ERROR = new IntegerUnixChannelOption("ERROR", SOL_SOCKET, 4);

    private SocketState() {}

    /**
     * Why the connection was lost (its peer sent RST, or TCP gave up), without reading from it; empty while it is not, and where the
     * platform cannot tell. The kernel tells it once.
     */
    public static Optional<IOException> takeError(Channel channel) {
        if (!(channel.config() instanceof EpollChannelConfig config)) {
            return Optional.empty();
        }
        try {
            Integer errno = config.getOption(ERROR);
            return errno == null || errno == 0
                    ? Optional.empty()
                    : Optional.of(Errors.newIOException("getsockopt", -errno));
        } catch (ChannelException closed) {
            return Optional.of(new IOException(closed.getMessage()));
        }
    }
}
