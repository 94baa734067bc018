package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A socket that is opened while events are handled, with the descriptor of one that was closed with an event still to come. */
class ReusedDescriptorTest {
    private static final int MOST_ATTEMPTS = 100;

    private final Transport transport = Transport.best();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
    private final EventLoop loop = (EventLoop) loops.next();
    private final List<SocketChannel> open = new ArrayList<>();
    private Backend backend;
    private BlackHole blackHole;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        blackHole = new BlackHole("127.0.0.1", 0);
    }

    @AfterEach
    void stop() throws Exception {
        for (SocketChannel channel : open) {
            if (channel.isRegistered()) {
                channel.close().sync();
            } else {
                channel.unsafe().closeForcibly();
            }
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        blackHole.close();
        backend.close();
    }

    private ChannelFuture connect(SocketChannel channel, int port) {
        loop.register(channel);
        return channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private SocketChannel socket() {
        SocketChannel channel = transport.socket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        open.add(channel);
        return channel;
    }

    private static int descriptor(SocketChannel channel) {
        return ((UnixChannel) channel).fd().intValue();
    }

    /** @param reused whether it has the descriptor of the one that was closed for it */
    private record Opened(boolean reused, ChannelFuture connect) {}

    /** Of two sockets that fail at once the one that is told first closes the other, and opens a third. */
    private Opened openInPlaceOfOneWithAnEvent() throws Exception {
        SocketChannel one = socket();
        SocketChannel other = socket();
        var opened = new CompletableFuture<Opened>();
        one.pipeline().addLast(new WhenItFails(() -> replace(other, opened)));
        other.pipeline().addLast(new WhenItFails(() -> replace(one, opened)));
        connect(one, backend.port()).sync();
        Socket atOne = backend.accept();
        connect(other, backend.port()).sync();
        Socket atOther = backend.accept();
        while (descriptor(socket()) < Math.max(descriptor(one), descriptor(other))) {
            // Until no lower number is free.
        }
        var held = new CountDownLatch(1);
        var failed = new CountDownLatch(1);
        loop.execute(() -> {
            held.countDown();
            awaitUninterruptibly(failed);
        });
        held.await();
        Streams.reset(atOne);
        Streams.reset(atOther);
        failed.countDown();
        return opened.get(TestProxy.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void replace(SocketChannel closed, CompletableFuture<Opened> opened) {
        if (!opened.isDone()) {
            int number = descriptor(closed);
            closed.close();
            SocketChannel third = socket();
            opened.complete(new Opened(descriptor(third) == number, connect(third, blackHole.port())));
        }
    }

    private static final class WhenItFails extends ChannelInboundHandlerAdapter {
        private final Runnable action;

        WhenItFails(Runnable action) {
            this.action = action;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            action.run();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldGetNoEventsOfTheSocketBefore() throws Exception {
        boolean reused = false;
        for (int attempt = 0; attempt < MOST_ATTEMPTS && !reused; attempt++) {
            Opened opened = openInPlaceOfOneWithAnEvent();
            loop.submit(() -> {}).sync(); // All events of that moment have been handled.
            assertThat(opened.connect.isDone()).as("connected to a black hole").isFalse();
            reused = opened.reused;
        }
        assertThat(reused).as("a descriptor was used again").isTrue();
    }
}
