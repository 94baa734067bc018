package net.sniproxy.proxy.stats;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code GET /metrics} over HTTP, on a thread of its own. A connection has ten seconds, 8 KiB for its request and one
 * answer, which closes it; there are at most {@link #MOST_CONNECTIONS}.
 */
public final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
    private static final int MAX_BODY = 1024;
    /** Far more than ask at once, and far fewer than the proxy has descriptors. */
    static final int MOST_CONNECTIONS = 64;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final EventLoopGroup group;
    private final Channel channel;

    private MetricsServer(EventLoopGroup group, Channel channel) {
        this.group = group;
        this.channel = channel;
    }

    /**
     * Starts to listen.
     *
     * @param address where; port 0 takes any
     * @param scrape the text to answer with; called on the server's thread
     * @throws IOException where the address is taken or is not one of this host's
     */
    public static MetricsServer start(InetSocketAddress address, Supplier<String> scrape) throws IOException {
        return start(address, scrape, PATIENCE);
    }

    /** @param patience how long a connection lasts at most */
    static MetricsServer start(InetSocketAddress address, Supplier<String> scrape, Duration patience)
            throws IOException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("metrics", true), NioIoHandler.newFactory());
        var bound = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new Pipeline(scrape, patience, new DefaultChannelGroup(group.next())))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(
                    "metrics.addr " + AccessRecord.address(address) + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return new MetricsServer(group, bound.channel());
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static final class Pipeline extends ChannelInitializer<SocketChannel> {
        private final Supplier<String> scrape;
        private final Duration patience;
        private final ChannelGroup open;

        /** @param open forgets channels that are closed by itself */
        Pipeline(Supplier<String> scrape, Duration patience, ChannelGroup open) {
            this.scrape = scrape;
            this.patience = patience;
            this.open = open;
        }

        @Override
        protected void initChannel(SocketChannel client) {
            if (open.size() >= MOST_CONNECTIONS) {
                client.close();
                return;
            }
            open.add(client);
            Future<?> end =
                    client.eventLoop().schedule(() -> client.close(), patience.toMillis(), TimeUnit.MILLISECONDS);
            client.closeFuture().addListener(closed -> end.cancel(false));
            client.pipeline()
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(MAX_BODY, true))
                    .addLast(new Handler(scrape));
        }
    }

    private static final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Supplier<String> scrape;
        private boolean answered;

        Handler(Supplier<String> scrape) {
            this.scrape = scrape;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            if (answered) {
                return; // Requests that came along with the first one.
            }
            answered = true;
            FullHttpResponse response = answer(request);
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, TEXT_FORMAT)
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }

        private FullHttpResponse answer(FullHttpRequest request) {
            if (request.decoderResult().isFailure()) {
                return response(HttpResponseStatus.BAD_REQUEST, "not an HTTP request\n");
            }
            if (!new QueryStringDecoder(request.uri()).rawPath().equals("/metrics")) {
                return response(HttpResponseStatus.NOT_FOUND, "the metrics are at /metrics\n");
            }
            if (!request.method().equals(HttpMethod.GET)) {
                return response(HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET\n");
            }
            return response(HttpResponseStatus.OK, scrape.get());
        }

        private static FullHttpResponse response(HttpResponseStatus status, String body) {
            return new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("metrics request ended", cause);
            context.close();
        }
    }
}
