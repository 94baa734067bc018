package net.sniproxy.proxy.datapath.relay;

import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelProgressivePromise;
import org.jspecify.annotations.Nullable;

/**
 * The promise of every write of one direction: counts the bytes that the sink's socket has taken, those of a half-written
 * buffer included.
 *
 * <p>One object serves all writes, because Netty completes them in order and a promise per write would be most of what the relay
 * allocates. It is therefore never done, and nobody may wait for it.
 */
final class Delivery extends DefaultChannelProgressivePromise {
    /** Told on the event loop. */
    interface Listener {
        /** Another buffer is delivered completely. */
        void delivered();

        /** The sink takes no more: its peer sent RST, or its TCP gave up. */
        void undeliverable(Throwable cause);
    }

    private final Listener listener;
    private long bytes;
    private long bytesOfCurrentBuffer;

    Delivery(Channel sink, Listener listener) {
        super(sink, sink.eventLoop());
        this.listener = listener;
    }

    /** How many bytes the socket has taken so far. */
    long bytes() {
        return bytes;
    }

    @Override
    public boolean tryProgress(long progress, long total) {
        bytes += progress - bytesOfCurrentBuffer;
        bytesOfCurrentBuffer = progress;
        return true;
    }

    @Override
    public boolean trySuccess(@Nullable Void result) {
        bytesOfCurrentBuffer = 0;
        listener.delivered();
        return true;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        bytesOfCurrentBuffer = 0;
        listener.undeliverable(cause);
        return true;
    }
}
