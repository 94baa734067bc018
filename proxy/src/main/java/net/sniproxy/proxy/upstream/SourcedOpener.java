package net.sniproxy.proxy.upstream;

import io.netty.channel.EventLoop;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Opens connections from chosen ports. A port can be in use by a socket in a way that only the kernel knows: then bind or
 * connect fails before anything is sent, and another port is tried.
 */
record SourcedOpener(From opener, UpstreamSockets sockets, OptionalInt largestSegment) implements Opener {
    private static final int MOST_TRIES = 16;

    @Override
    public Attempt open(EventLoop loop, InetSocketAddress address, boolean onlyOne) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<InetSocketAddress> source;
            try {
                source = sockets.source(address);
            } catch (BindException e) {
                return new Attempt(() -> {}, loop.newFailedFuture(e));
            }
            Attempt attempt = opener.open(loop, address, onlyOne, new OwnEnd(source, largestSegment));
            boolean failedAtOnce =
                    attempt.result().isDone() && !attempt.result().isSuccess();
            if (source.isEmpty() || !failedAtOnce) {
                return attempt;
            }
            attempt.abandon().run();
        }
        return opener.open(loop, address, onlyOne, new OwnEnd(Optional.empty(), largestSegment));
    }
}
