package net.sniproxy.proxy.datapath.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Optional;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.datapath.KernelForwarding;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.transport.FastOpen;
import net.sniproxy.proxy.transport.SocketState;

/**
 * Copies both ways between two legs until both directions have ended.
 *
 * <p>A FIN is sent on behind the last byte of its direction, and the other direction goes on. An RST becomes an RST: what was
 * received before it is delivered first as far as the receiver takes it at once. All methods run on the event loop on which
 * both channels are registered.
 */
public final class Relay implements Pipe.Listener {
    /** Told exactly once, on the event loop. */
    public interface Listener {
        /** How it ended, and a detail for the log that may be empty; both channels are closed, or are after a last wait. */
        void ended(Ending ending, String detail);

        /** There was no upstream after all: nobody has answered the SYN. The client's channel is left as it is. */
        void unanswered(String detail);
    }

    private final Pipe up;
    private final Pipe down;
    private final Optional<KernelForwarding> kernel;
    private final Listener listener;
    private boolean upFinished;
    private boolean downFinished;
    private boolean ended;
    private long kernelBytesWhenLastAsked;

    /**
     * @param client auto-read is switched on by {@link #start}
     * @param upstream connected; nothing has been sent
     * @param kernel armed, if the kernel forwards too
     */
    public Relay(DuplexChannel client, DuplexChannel upstream, Optional<KernelForwarding> kernel, Listener listener) {
        this.up = new Pipe(client, upstream, this);
        this.down = new Pipe(upstream, client, this);
        this.kernel = kernel;
        this.listener = listener;
    }

    /**
     * Begins with what has been read of the client's stream so far.
     *
     * @param prefix sent first and not counted; empty for nothing. Released
     * @param firstBytes released
     */
    public void start(ByteBuf prefix, ByteBuf firstBytes) {
        resetOnClose(up.source());
        resetOnClose(up.sink());
        up.source().pipeline().addLast(new RelayLeg(this, up));
        up.sink().pipeline().addLast(new RelayLeg(this, down));
        if (prefix.isReadable()) {
            up.prepend(prefix);
        } else {
            prefix.release();
        }
        up.forward(firstBytes);
        up.readOn();
    }

    /** What both sides have moved. */
    public ByteCounts bytes() {
        ByteCounts relayed = ByteCounts.relayed(up.bytes(), down.bytes());
        return kernel.map(k -> relayed.plusForwarded(k.forwarded(Direction.UP), k.forwarded(Direction.DOWN)))
                .orElse(relayed);
    }

    /** Bytes that one side sent and the other side's socket has taken, without those that the kernel forwarded. */
    public long relayed(Direction direction) {
        return direction == Direction.UP ? up.bytes() : down.bytes();
    }

    /** Whether a byte has moved, in either direction, since the last call. */
    public boolean movedSinceLastAsked() {
        boolean relayed = up.movedSinceLastAsked() | down.movedSinceLastAsked();
        long now = kernel.map(k -> k.forwarded(Direction.UP) + k.forwarded(Direction.DOWN))
                .orElse(0L);
        boolean forwarded = now != kernelBytesWhenLastAsked;
        kernelBytesWhenLastAsked = now;
        return relayed || forwarded;
    }

    /** The client's FIN was seen before the relay started. */
    public void clientEnded() {
        up.sourceEnded();
    }

    /** Closes both sockets, and leaves the connection to the kernel: the listener is not told. */
    public void detach() {
        if (!ended) {
            ended = true;
            up.source().close();
            up.sink().close();
        }
    }

    /** Whether the upstream is one that may not exist: see {@link FastOpen}. */
    public boolean isUnanswered() {
        return FastOpen.isUnanswered(down.source());
    }

    /** Closes the upstream and leaves the client as it is: the listener is not told. */
    public void leaveClient() {
        ended = true;
        down.source().close();
    }

    /** Ends both legs with RST. */
    public void abort(Ending ending, String detail) {
        if (!ended) {
            ended = true;
            reset(up.source());
            reset(up.sink());
            listener.ended(ending, detail);
        }
    }

    @Override
    public void drained(Pipe pipe) {
        if (ended) {
            return;
        }
        Pipe other = other(pipe);
        if (other.isBroken()) {
            // An error is told once: the write that failed has it, and reading now looks as if FIN had come.
            lost(pipe, other.failure());
            return;
        }
        Direction direction = pipe == up ? Direction.UP : Direction.DOWN;
        kernel.ifPresentOrElse(k -> k.whenDelivered(direction, () -> finish(pipe)), () -> finish(pipe));
    }

    private void finish(Pipe pipe) {
        if (ended) {
            return;
        }
        if (pipe == up) {
            upFinished = true;
        } else {
            downFinished = true;
        }
        finishOnClose(pipe.sink());
        if (upFinished && downFinished) {
            ended = true;
            up.sink().close();
            up.source().close();
            listener.ended(Ending.COMPLETED, "");
        } else {
            SocketState.sendFin(pipe.sink());
            if (kernel.isPresent()) {
                failedBehindItsEnd(pipe); // While the kernel delivered the rest.
            } else {
                // It has got everything: when its own FIN comes too, its socket is of no further use.
                pipe.sink().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            }
        }
    }

    /** The source's channel was closed: in good order if its peer had got everything before. */
    void closed(Pipe pipe) {
        if (pipe == up ? downFinished : upFinished) {
            pipe.sourceEnded();
        } else {
            lost(pipe, new ClosedChannelException());
        }
    }

    @Override
    public void broken(Pipe pipe, Throwable cause) {
        if (ended) {
            return;
        }
        Pipe back = other(pipe);
        // Else what the peer sent before its RST is still in its socket's queue; its end is sure to come. If nobody
        // takes anything any more, neither side is read: no end would come.
        if (back.hasSourceEnded() || back.isBroken()) {
            lost(back, cause);
        }
    }

    /** The source of this direction said something, but the sink is too slow for it to be read now. */
    void unreadable(Pipe pipe) {
        SocketState.takeError(pipe.source()).ifPresent(error -> lost(pipe, error));
    }

    /**
     * The source of this direction has sent FIN, and its socket has failed now: nobody takes what goes its way. What it sent is
     * delivered first.
     */
    void failedBehindItsEnd(Pipe pipe) {
        if (pipe == up ? upFinished : downFinished) {
            SocketState.takeError(pipe.source()).ifPresent(error -> lost(pipe, error));
        }
    }

    /** The source of this direction is gone. */
    void lost(Pipe pipe, Throwable cause) {
        if (ended) {
            return;
        }
        ended = true;
        boolean unanswered = pipe == down && FastOpen.isUnanswered(pipe.source());
        pipe.source().close();
        if (unanswered) {
            listener.unanswered(Objects.requireNonNullElse(cause.getMessage(), ""));
            return;
        }
        Ending ending = ending(pipe, cause);
        String detail = Objects.requireNonNullElse(cause.getMessage(), "");
        if (pipe == up ? upFinished : downFinished) {
            // This direction is complete: an RST could destroy its last bytes on their way to the receiver.
            finishOnClose(pipe.sink());
            LingeringClose.of(pipe.sink());
        } else {
            reset(pipe.sink());
        }
        listener.ended(ending, detail);
    }

    /** Something in the proxy itself went wrong. */
    void failed(Throwable cause) {
        abort(Ending.INTERNAL_ERROR, cause.toString());
    }

    private Pipe other(Pipe pipe) {
        return pipe == up ? down : up;
    }

    private Ending ending(Pipe pipe, Throwable cause) {
        if (SocketState.isTimeout(cause)) {
            return pipe == up ? Ending.CLIENT_VANISHED : Ending.UPSTREAM_VANISHED;
        }
        return pipe == up ? Ending.CLIENT_RESET : Ending.UPSTREAM_RESET;
    }

    private static void reset(Channel leg) {
        resetOnClose(leg);
        leg.close();
    }

    /**
     * Whoever closes the socket now sends RST, be it the kernel after the process was killed: a FIN in mid-stream would tell
     * the peers that they have got everything.
     */
    private static void resetOnClose(Channel leg) {
        linger(leg, 0);
    }

    /** Closing leaves it to the kernel again to deliver what is queued, and FIN. */
    private static void finishOnClose(Channel leg) {
        linger(leg, -1);
    }

    private static void linger(Channel leg, int seconds) {
        if (leg.isOpen()) {
            leg.config().setOption(ChannelOption.SO_LINGER, seconds);
        }
    }
}
