package net.sniproxy.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import net.sniproxy.proxy.config.Socks5Config.Credentials;
import net.sniproxy.proxy.transport.LegOptions;
import net.sniproxy.proxy.transport.Transport;

/**
 * Opens a connection through a SOCKS5 server (RFC 1928), which resolves the destination's name itself. The address to open is the
 * server's.
 *
 * @param host the destination
 * @param port the destination's
 */
record SocksOpener(Transport transport, Optional<Credentials> credentials, String host, int port)
        implements Opener.From {
    @Override
    public Opener.Attempt open(EventLoop loop, InetSocketAddress server, boolean onlyOne, OwnEnd from) {
        DuplexChannel channel;
        try {
            channel = transport.socket(server);
        } catch (ChannelException noDescriptor) {
            return new Opener.Attempt(() -> {}, loop.newFailedFuture(noDescriptor));
        }
        LegOptions.apply(channel);
        Promise<DuplexChannel> result = loop.newPromise();
        Socks5ProxyHandler socks = credentials
                .map(c -> new Socks5ProxyHandler(server, c.username(), c.password()))
                .orElseGet(() -> new Socks5ProxyHandler(server));
        socks.setConnectTimeoutMillis(0); // The dial has a deadline of its own.
        var end = new HandshakeEnd(result);
        channel.pipeline().addLast(socks, end);
        loop.register(channel);
        socks.connectFuture().addListener((Future<Channel> handshake) -> {
            if (handshake.isSuccess()) {
                channel.pipeline().remove(socks);
                channel.pipeline().remove(end);
                result.trySuccess(channel);
            } else {
                result.tryFailure(handshake.cause());
            }
        });
        SocketAddress destination = InetSocketAddress.createUnresolved(host, port);
        from.connect(channel, destination).addListener((ChannelFuture connect) -> {
            if (!connect.isSuccess()) {
                result.tryFailure(connect.cause());
            }
        });
        return new Opener.Attempt(channel::close, result);
    }

    /** Keeps what the handshake leaves over from the end of the pipeline, where it would be logged as unhandled. */
    private static final class HandshakeEnd extends ChannelInboundHandlerAdapter {
        private final Promise<DuplexChannel> result;

        HandshakeEnd(Promise<DuplexChannel> result) {
            this.result = result;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            result.tryFailure(new IOException("the destination spoke before the TLS client did"));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                result.tryFailure(new IOException("the SOCKS5 server closed the connection"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            result.tryFailure(cause);
        }
    }
}
