package net.sniproxy.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import net.sniproxy.proxy.transport.FastOpen;
import net.sniproxy.proxy.transport.LegOptions;
import net.sniproxy.proxy.transport.Transport;

/** One way to open a connection to an address. */
@FunctionalInterface
interface Opener {
    /**
     * Begins; must not throw. The channel is registered on the loop.
     *
     * @param onlyOne whether there is no other address to go on with if this one fails
     */
    Attempt open(EventLoop loop, InetSocketAddress address, boolean onlyOne);

    /**
     * A connection that is being opened.
     *
     * @param abandon closes it, whatever became of it; may run more than once
     * @param result the connected channel without any handler; done on the event loop
     */
    record Attempt(Runnable abandon, Future<DuplexChannel> result) {}

    /** One way to open a connection from a local address, if one is given; must not throw. */
    @FunctionalInterface
    interface From {
        Attempt open(EventLoop loop, InetSocketAddress address, boolean onlyOne, Optional<InetSocketAddress> source);
    }

    /** Opens a TCP connection. */
    static From direct(Transport transport, UpstreamSockets sockets) {
        return (loop, address, onlyOne, source) ->
                connect(loop, () -> announced(transport.socket(address), sockets::connecting), address, source);
    }

    /**
     * As {@link #direct}, without telling anybody, but the SYN may wait for the first bytes where no other address would have to
     * be tried.
     */
    static From early(Transport transport) {
        return (loop, address, onlyOne, source) -> connect(
                loop,
                () -> announced(transport.socket(address), onlyOne ? FastOpen::request : socket -> {}),
                address,
                source);
    }

    private static DuplexChannel announced(DuplexChannel channel, Consumer<Channel> connecting) {
        connecting.accept(channel);
        return channel;
    }

    /**
     * Makes a channel, registers and connects it.
     *
     * @param source empty where the kernel chooses
     */
    static Attempt connect(
            EventLoop loop, Supplier<DuplexChannel> socket, SocketAddress address, Optional<InetSocketAddress> source) {
        DuplexChannel channel;
        try {
            channel = socket.get();
        } catch (ChannelException noDescriptor) {
            return new Attempt(() -> {}, loop.newFailedFuture(noDescriptor));
        }
        LegOptions.apply(channel);
        Promise<DuplexChannel> result = loop.newPromise();
        loop.register(channel);
        ChannelFuture connected = connect(channel, address, source);
        if (connected.isSuccess()) {
            FastOpen.connectedAtOnce(channel);
        }
        connected.addListener((ChannelFuture connect) -> {
            if (connect.isSuccess()) {
                result.trySuccess(channel);
            } else {
                result.tryFailure(connect.cause());
            }
        });
        return new Attempt(channel::close, result);
    }

    /** Connects a channel, from the source if there is one. */
    static ChannelFuture connect(Channel channel, SocketAddress address, Optional<InetSocketAddress> source) {
        if (source.isEmpty()) {
            return channel.connect(address);
        }
        // Others may use the port towards other upstreams.
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        return channel.connect(address, source.get());
    }
}
