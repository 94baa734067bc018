package net.sniproxy.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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

    /** One way to open a connection from a certain end; must not throw. */
    @FunctionalInterface
    interface From {
        Attempt open(EventLoop loop, InetSocketAddress address, boolean onlyOne, OwnEnd from);
    }

    /** Opens a TCP connection. */
    static From direct(Transport transport, UpstreamSockets sockets) {
        return (loop, address, onlyOne, from) ->
                connect(loop, () -> announced(transport.socket(address), sockets::connecting), address, from);
    }

    /**
     * As {@link #direct}, without telling anybody, but the SYN may wait for the first bytes where no other address would have to
     * be tried.
     */
    static From early(Transport transport) {
        return (loop, address, onlyOne, from) -> connect(
                loop,
                () -> announced(transport.socket(address), onlyOne ? FastOpen::request : socket -> {}),
                address,
                from);
    }

    private static DuplexChannel announced(DuplexChannel channel, Consumer<Channel> connecting) {
        connecting.accept(channel);
        return channel;
    }

    /**
     * Makes a channel, registers and connects it.
     *
     * @param from the channel's own end
     */
    static Attempt connect(EventLoop loop, Supplier<DuplexChannel> socket, SocketAddress address, OwnEnd from) {
        DuplexChannel channel;
        try {
            channel = socket.get();
        } catch (ChannelException noDescriptor) {
            return new Attempt(() -> {}, loop.newFailedFuture(noDescriptor));
        }
        LegOptions.apply(channel);
        Promise<DuplexChannel> result = loop.newPromise();
        loop.register(channel);
        ChannelFuture connected = from.connect(channel, address);
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
}
