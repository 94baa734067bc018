package net.sniproxy.proxy.datapath.relay;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;

/**
 * Takes a channel off its event loop's selector and puts it back.
 *
 * <p>A socket whose two directions are both shut down is reported by epoll (EPOLLHUP) whether anyone asked or not. While its last
 * bytes wait in the kernel for a slow receiver, that report would come again and again and keep a processor busy; only a socket
 * that is not registered is quiet. For the event loop only.
 */
final class Parking {
    private final Channel channel;
    private final EventLoop loop;
    private boolean wanted;
    private boolean changing;

    Parking(Channel channel) {
        this.channel = channel;
        this.loop = channel.eventLoop();
    }

    void park() {
        wanted = true;
        settle();
    }

    void unpark() {
        wanted = false;
        settle();
    }

    /** Both changes happen later on the event loop; what was asked for in between counts when they are done. */
    private void settle() {
        boolean parked = !channel.isRegistered();
        if (changing || wanted == parked || !channel.isOpen()) {
            return;
        }
        changing = true;
        ChannelFuture change = wanted ? channel.deregister() : loop.register(channel);
        change.addListener(done -> {
            changing = false;
            settle();
        });
    }
}
