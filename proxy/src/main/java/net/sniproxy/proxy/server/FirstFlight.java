package net.sniproxy.proxy.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import net.sniproxy.proxy.hello.HelloLimits;
import net.sniproxy.proxy.hello.HelloReader;
import net.sniproxy.proxy.hello.HelloResult;
import net.sniproxy.proxy.transport.BoundedReads;
import net.sniproxy.proxy.transport.SocketFailure;
import net.sniproxy.proxy.transport.SocketState;

/**
 * Collects what the client sends until its ClientHello is complete, and holds it until somebody takes it over. What comes after
 * the hello while the upstream is being connected (early data, in practice) is kept too, one read of it.
 */
final class FirstFlight extends ChannelInboundHandlerAdapter {
    /** Told on the event loop. */
    interface Listener {
        /** A trusted peer said who the client is. */
        void proxied(HAProxyMessage header);

        /** The hello is complete, or will never be. Once. */
        void read(HelloResult result);

        /** The client has sent RST, FIN before its hello was complete, or a malformed PROXY protocol header. */
        void lost(Throwable cause);

        /** A fault of the proxy's own. */
        void failed(Throwable cause);
    }

    private final HelloReader reader;
    private final Listener listener;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    private boolean complete;
    private boolean clientEnded;

    FirstFlight(HelloLimits limits, Listener listener) {
        this.reader = new HelloReader(limits);
        this.listener = listener;
    }

    /** Hands over everything that was read so far; the taker releases it. */
    ByteBuf take() {
        ByteBuf taken = bytes;
        bytes = Unpooled.EMPTY_BUFFER;
        return taken;
    }

    /** How many bytes were read so far. */
    int length() {
        return bytes.readableBytes();
    }

    /** Whether the client's FIN was seen. */
    boolean clientEnded() {
        return clientEnded;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HAProxyMessage header) {
            try {
                listener.proxied(header);
            } finally {
                header.release();
            }
        } else if (message instanceof ByteBuf more) {
            collect(context, more);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void collect(ChannelHandlerContext context, ByteBuf more) {
        if (complete) {
            bytes = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), bytes, more);
            context.channel().config().setAutoRead(false);
            return;
        }
        HelloResult result = reader.read(more.nioBuffer());
        bytes = bytes.isReadable() ? ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), bytes, more) : more;
        if (!(result instanceof HelloResult.NeedMore)) {
            complete = true;
            listener.read(result);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            clientEnded = true;
            if (!complete) {
                listener.lost(new IOException("the client closed the connection before its hello was complete"));
            }
        } else if (event == SocketFailure.EVENT) {
            SocketState.takeError(context.channel()).ifPresent(listener::lost);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        listener.lost(new IOException("the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        switch (cause) {
            case BoundedReads.Paused paused ->
                SocketState.takeError(context.channel()).ifPresent(listener::lost);
            case DecoderException malformed -> listener.lost(malformed);
            case IOException reset -> listener.lost(reset);
            default -> listener.failed(cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        bytes.release();
        bytes = Unpooled.EMPTY_BUFFER;
    }
}
