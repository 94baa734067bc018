package net.sniproxy.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the proxy's end of an upstream connection is to be like.
 *
 * @param address where it starts; empty where the kernel chooses
 * @param largestSegment bytes of the largest segment that the upstream may send; empty where the route says it
 */
record OwnEnd(Optional<InetSocketAddress> address, OptionalInt largestSegment) {
    /** Everything is the kernel's choice. */
    static final OwnEnd ANY = new OwnEnd(Optional.empty(), OptionalInt.empty());

    /** {@code TCP_MAXSEG} of linux/tcp.h, at {@code IPPROTO_TCP}. */
    private static final IntegerUnixChannelOption LARGEST_SEGMENT = new IntegerUnixChannelOption("TCP_MAXSEG", 6, 2);

    /** Connects a channel from here. */
    ChannelFuture connect(Channel channel, SocketAddress to) {
        largestSegment.ifPresent(bytes -> channel.config().setOption(LARGEST_SEGMENT, bytes));
        if (address.isEmpty()) {
            return channel.connect(to);
        }
        // Others may use the port towards other upstreams.
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        return channel.connect(to, address.get());
    }
}
