package net.sniproxy.proxy.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Netty's epoll handler, with another way to tell the kernel what sockets are interested in.
 *
 * <p>A socket that is not interested in anything stays registered. Netty (4.2.18) removes such a socket from epoll and cannot add
 * it again: the next interest fails with ENOENT and closes the connection. A relayed socket has no interest whenever its peer
 * has sent FIN and the other side is slow. Kept with EPOLLET alone it is told of an RST once, and not again and again of the
 * EPOLLHUP that cannot be masked (epoll(7)).
 *
 * <p>The kernel is told before it is asked for events, and only what has changed since it was asked last: a connection changes
 * its mind several times while one event is handled, and each change would be a system call.
 *
 * <p>A socket gets no events of those that the kernel told before it was there. Netty knows sockets by their descriptors: one that is
 * opened while events are handled may have the descriptor of one that was closed meanwhile, and would get that one's events.
 */
final class LastingEpoll implements IoHandler {
    private static final Logger LOG = LoggerFactory.getLogger(LastingEpoll.class);

    private final IoHandler epoll;
    private final List<Interest> changed = new ArrayList<>();
    /** How often the kernel was asked for events. */
    private long asked;

    private LastingEpoll(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory factory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return executor -> new LastingEpoll(factory.newHandler(executor));
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        long before = asked;
        return new Interest(epoll.register(ErrorTelling.of(handle, () -> asked > before)), handle);
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        // Not an iteration: a socket that has to be closed may change the interest of another one.
        for (int i = 0; i < changed.size(); i++) {
            changed.get(i).tell();
        }
        changed.clear();
        asked++;
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return epoll.isCompatible(handleType);
    }

    /** What one socket waits for. For the event loop, except where it says otherwise. */
    private final class Interest implements IoRegistration {
        private final IoRegistration registration;
        private final IoHandle handle;
        private IoOps wanted = EpollIoOps.NONE;
        private IoOps told = EpollIoOps.NONE;
        private boolean queued;

        Interest(IoRegistration registration, IoHandle handle) {
            this.registration = registration;
            this.handle = handle;
        }

        @Override
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            if (!isValid()) {
                return -1;
            }
            wanted = ops.equals(EpollIoOps.NONE) ? EpollIoOps.EPOLLET : ops;
            if (!queued) {
                queued = true;
                changed.add(this);
            }
            return 0;
        }

        void tell() {
            queued = false;
            if (wanted.equals(told) || !isValid()) {
                return;
            }
            told = wanted;
            try {
                registration.submit(wanted);
            } catch (UncheckedIOException e) {
                LOG.warn("a connection is closed because epoll refuses its socket: {}", e.getMessage());
                close();
            }
        }

        private void close() {
            try {
                handle.close();
            } catch (Exception e) {
                LOG.warn("it was not closed cleanly", e);
            }
        }

        /** On any thread. */
        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        /** On any thread. */
        @Override
        public boolean cancel() {
            return registration.cancel();
        }
    }
}
