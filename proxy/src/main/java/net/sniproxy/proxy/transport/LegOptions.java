package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** What both legs of a connection have in common. */
public final class LegOptions {
    private static final BoundedReads READS = new BoundedReads();

    private LegOptions() {}

    /** Before the channel is registered. None of these is a system call. */
    @SuppressWarnings("deprecation") // ChannelOption.RCVBUF_ALLOCATOR has no counterpart that takes this interface.
    public static void apply(Channel channel) {
        var config = channel.config();
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // A failed write must not take the bytes along that are still to be read.
        config.setAutoClose(false);
        config.setRecvByteBufAllocator(READS);
    }
}
