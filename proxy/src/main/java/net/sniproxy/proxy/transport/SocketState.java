package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.Optional;

/** What the kernel knows about a socket. */
public final class SocketState {
    private static final int SOL_SOCKET = 1;
    // include/uapi/asm-generic/errno.h, the same on every platform that has the epoll transport.
    private static final int ENETUNREACH = 101;
    private static final int ETIMEDOUT = 110;
    private static final int EHOSTUNREACH = 113;

    private static final IntegerUnixChannelOption ERROR = new IntegerUnixChannelOption("ERROR", SOL_SOCKET, 4);

    private SocketState() {}

    /** Whether TCP itself gave the connection up, as opposed to an RST: its peer no longer answers, or cannot be reached. */
    public static boolean isTimeout(Throwable cause) {
        return cause instanceof Errors.NativeIoException failure
                && switch (-failure.expectedErr()) {
                    case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH -> true;
                    default -> false;
                };
    }

    /**
     * Sends FIN behind what the socket was given; nothing may be written any more. On its event loop.
     *
     * <p>As {@link DuplexChannel#shutdownOutput}, which makes an exception with a stack trace for writes that may be waiting.
     */
    public static void sendFin(DuplexChannel channel) {
        if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
            try {
                socket.shutdown(false, true);
            } catch (IOException | NotYetConnectedException lost) {
                // There is no connection any more: whoever reads from it is told.
            }
        } else {
            channel.shutdownOutput();
        }
    }

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
