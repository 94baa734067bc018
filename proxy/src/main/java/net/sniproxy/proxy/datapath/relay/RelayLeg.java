package net.sniproxy.proxy.datapath.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.NotYetConnectedException;
import net.sniproxy.proxy.transport.BoundedReads;
import net.sniproxy.proxy.transport.SocketFailure;

/** Tells the relay what happens on one leg. */
final class RelayLeg extends ChannelInboundHandlerAdapter {
    private final Relay relay;
    private final Pipe outOfHere;

    RelayLeg(Relay relay, Pipe outOfHere) {
        this.relay = relay;
        this.outOfHere = outOfHere;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        outOfHere.forward((ByteBuf) message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            outOfHere.sourceEnded();
        } else if (event == SocketFailure.EVENT) {
            relay.failedBehindItsEnd(outOfHere);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        relay.closed(outOfHere);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        switch (cause) {
            case BoundedReads.Paused paused -> relay.unreadable(outOfHere);
            case NotYetConnectedException late -> {} // shutdown(2) after an RST; the failed write has told already.
            case UncheckedIOException lost -> relay.lost(outOfHere, lost);
            case IOException lost -> relay.lost(outOfHere, lost);
            default -> relay.failed(cause);
        }
    }
}
