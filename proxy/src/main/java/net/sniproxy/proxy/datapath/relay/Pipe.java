package net.sniproxy.proxy.datapath.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One direction of a relay: at most one buffer under way, the end of the stream behind the last byte. */
final class Pipe implements Delivery.Listener {
    /** Told on the event loop. */
    interface Listener {
        /** The source has ended and the sink's socket has every byte. */
        void drained(Pipe pipe);

        /** The sink takes no more. */
        void broken(Pipe pipe, Throwable cause);
    }

    private final DuplexChannel source;
    private final DuplexChannel sink;
    private final Listener listener;
    private final Delivery delivery;
    private long taken;
    private long prefix;
    private boolean sourceEnded;
    private @Nullable Throwable failure;
    private boolean moved;

    Pipe(DuplexChannel source, DuplexChannel sink, Listener listener) {
        this.source = source;
        this.sink = sink;
        this.listener = listener;
        this.delivery = new Delivery(sink, this);
    }

    /** Writes bytes that do not come from the source and are not counted. Before anything else. */
    void prepend(ByteBuf bytes) {
        prefix = bytes.readableBytes();
        taken += prefix;
        sink.write(bytes, delivery);
    }

    /** Sends bytes of the source's on, and stops reading from it until they are delivered. */
    void forward(ByteBuf bytes) {
        if (failure != null) {
            bytes.release();
            return;
        }
        moved = true;
        taken += bytes.readableBytes();
        sink.writeAndFlush(bytes, delivery);
        if (delivery.bytes() < taken && failure == null) {
            source.config().setAutoRead(false);
        }
    }

    /** The source has sent FIN; every byte before it went through {@link #forward}. */
    void sourceEnded() {
        if (sourceEnded) {
            return;
        }
        sourceEnded = true;
        source.config().setAutoRead(false);
        if (failure != null || delivery.bytes() == taken) {
            listener.drained(this);
        }
    }

    @Override
    public void delivered() {
        moved = true;
        if (delivery.bytes() < taken) {
            return;
        }
        if (sourceEnded) {
            listener.drained(this);
        } else {
            readOn();
        }
    }

    /** Reads from the source if the sink has everything. */
    void readOn() {
        boolean wanted = failure == null && !sourceEnded && delivery.bytes() == taken && source.isOpen();
        if (wanted && !source.config().isAutoRead()) {
            source.config().setAutoRead(true);
        }
    }

    @Override
    public void undeliverable(Throwable cause) {
        if (failure == null) {
            failure = cause;
            source.config().setAutoRead(false);
            listener.broken(this, cause);
        }
    }

    boolean hasSourceEnded() {
        return sourceEnded;
    }

    boolean isBroken() {
        return failure != null;
    }

    /** Why the sink takes no more; only when it is broken. */
    Throwable failure() {
        return Objects.requireNonNull(failure);
    }

    DuplexChannel source() {
        return source;
    }

    DuplexChannel sink() {
        return sink;
    }

    /** Bytes of the source's that the sink's socket has taken. */
    long bytes() {
        return Math.max(0, delivery.bytes() - prefix);
    }

    /** Whether a byte has moved since the last call. */
    boolean movedSinceLastAsked() {
        boolean result = moved;
        moved = false;
        return result;
    }
}
