package net.sniproxy.proxy.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.sniproxy.proxy.transport.LegOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands accepted sockets of one listening socket to its event loop's worker. When accept(2) fails, which in practice means that
 * there are no descriptors left, it pauses: the kernel keeps the connections that wait, and others that end give descriptors back.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final long PAUSE_MILLIS = 100;

    private final Worker worker;
    private final AcceptTrouble trouble;
    private InetSocketAddress address = new InetSocketAddress(0);

    Acceptor(Worker worker, AcceptTrouble trouble) {
        this.worker = worker;
        this.trouble = trouble;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        address = (InetSocketAddress) context.channel().localAddress();
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var client = (SocketChannel) message;
        trouble.over();
        LegOptions.apply(client);
        worker.accepted(client, address);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Channel listener = context.channel();
        if (!listener.isOpen()) {
            return;
        }
        trouble.begins(address, cause);
        if (listener.config().isAutoRead()) {
            listener.config().setAutoRead(false);
            context.executor().schedule(() -> listener.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Logs the beginning and the end of a time without accepts, once for all listening sockets. Thread-safe. */
    static final class AcceptTrouble {
        /** As long without a failure, and it is over: while descriptors are short, some accepts succeed and others fail. */
        private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

        private final AtomicLong lastFailure = new AtomicLong();

        void begins(InetSocketAddress where, Throwable cause) {
            if (lastFailure.getAndSet(System.nanoTime() | 1) == 0) {
                LOG.error(
                        "cannot accept connections on {}: {}; trying again every {} ms (descriptors used up? raise ulimit -n"
                                + " or lower max_connections)",
                        where,
                        cause.getMessage(),
                        PAUSE_MILLIS);
            }
        }

        void over() {
            long last = lastFailure.get();
            boolean quiet = last != 0 && System.nanoTime() - last > QUIET_NANOS;
            if (quiet && lastFailure.compareAndSet(last, 0)) {
                LOG.info("accepting connections again");
            }
        }
    }
}
