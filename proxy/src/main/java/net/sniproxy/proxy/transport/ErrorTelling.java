package net.sniproxy.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.function.BooleanSupplier;

/**
 * Netty's side of one socket, which also tells the channel's handlers of an error that Netty leaves alone: an RST behind the peer's
 * FIN. Events that cannot be the socket's own do not get here. For the event loop.
 *
 * @param handle what Netty registers
 * @param channel the same, as far as it is a channel's
 * @param askedFor whether the kernel was asked for events since this is registered
 */
@SuppressWarnings("try") // close() may throw whatever the handle throws.
record ErrorTelling(EpollIoHandle handle, Channel.Unsafe channel, BooleanSupplier askedFor) implements EpollIoHandle {
    /** The handle itself, where it is not that of a channel. */
    static IoHandle of(IoHandle handle, BooleanSupplier askedFor) {
        return handle instanceof EpollIoHandle epoll && handle instanceof Channel.Unsafe channel
                ? new ErrorTelling(epoll, channel, askedFor)
                : handle;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        if (!askedFor.getAsBoolean()) {
            return; // Of a socket that had this descriptor before.
        }
        handle.handle(registration, event);
        if (((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLERR)) {
            Channel failed = channel.voidPromise().channel();
            if (failed.isOpen()) {
                failed.pipeline().fireUserEventTriggered(SocketFailure.EVENT);
            }
        }
    }

    @Override
    public FileDescriptor fd() {
        return handle.fd();
    }

    @Override
    public void registered() {
        handle.registered();
    }

    @Override
    public void unregistered() {
        handle.unregistered();
    }

    @Override
    public void close() throws Exception {
        handle.close();
    }
}
