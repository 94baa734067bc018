package net.sniproxy.proxy.datapath.relay;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.transport.BoundedReads;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection so that the peer gets what was sent last.
 *
 * <p>A socket that is closed with unread bytes in its queue sends RST at once, and the RST overtakes or erases what the peer has
 * not read yet (RFC 1122 section 4.2.2.13). So: FIN, then read and throw away until the peer's FIN, for a limited time.
 */
public final class LingeringClose extends ChannelInboundHandlerAdapter {
    private static final long LONGEST_MILLIS = 2_000;

    private @Nullable Future<?> deadline;

    private LingeringClose() {}

    /** Takes the channel over, on its event loop; nothing may be written any more. The caller has flushed what it wrote. */
    public static void of(DuplexChannel channel) {
        var closer = new LingeringClose();
        channel.pipeline().addLast(closer);
        if (!channel.isOutputShutdown()) {
            channel.shutdownOutput();
        }
        if (channel.isInputShutdown() || !channel.isActive()) {
            channel.close();
            return;
        }
        closer.deadline = channel.eventLoop().schedule(() -> channel.close(), LONGEST_MILLIS, TimeUnit.MILLISECONDS);
        channel.config().setAutoRead(true);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        // Whoever handled the channel before must not see what is thrown away.
        var pipeline = context.pipeline();
        while (pipeline.first() != null && pipeline.first() != this) {
            pipeline.removeFirst();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof BoundedReads.Paused)) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
