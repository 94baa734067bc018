package net.sniproxy.proxy.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import java.util.Optional;
import java.util.function.Supplier;
import net.sniproxy.proxy.datapath.relay.LingeringClose;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.filter.Admission;
import net.sniproxy.proxy.hello.HelloResult;
import net.sniproxy.proxy.hello.Refusal;
import net.sniproxy.proxy.hello.TlsAlert;

/**
 * Why a client is turned away, for the log, and what it is told.
 *
 * @param detail may be empty
 * @param answer makes the last bytes that the client gets; empty to close without a word
 */
record Rejection(Ending ending, String detail, Optional<Supplier<ByteBuf>> answer) {
    /** The source is not served, or not now. */
    static Rejection of(Admission.Denied denied) {
        Ending ending = switch (denied.reason()) {
            case NOT_ALLOWED -> Ending.SOURCE_DENIED;
            case TOO_MANY_CONNECTIONS -> Ending.TOO_MANY_CONNECTIONS;
            case TOO_MANY_FROM_SOURCE -> Ending.TOO_MANY_FROM_SOURCE;
            case TOO_FAST_FROM_SOURCE -> Ending.RATE_LIMITED;
        };
        return new Rejection(ending, denied.reason().toString(), Optional.empty());
    }

    /** What the client sent is no acceptable ClientHello. */
    static Rejection of(HelloResult.Refused refused) {
        if (refused.reason() == Refusal.HTTP) {
            return new Rejection(Ending.PLAIN_HTTP, refused.detail(), Optional.of(Answers::badRequest));
        }
        return refused.reason()
                .alert()
                .map(alert -> alert(Ending.HELLO_INVALID, refused.detail(), alert))
                .orElseGet(() -> new Rejection(Ending.NOT_TLS, refused.detail(), Optional.empty()));
    }

    /** No complete hello in time. */
    static Rejection helloTimeout(int received) {
        return alert(Ending.HELLO_TIMEOUT, received + " bytes received", TlsAlert.DECODE_ERROR);
    }

    /** Nothing is configured for this name. */
    static Rejection noRoute() {
        return alert(Ending.NO_ROUTE, "", TlsAlert.UNRECOGNIZED_NAME);
    }

    /** The client gave no name, and one is needed. */
    static Rejection noName(String detail) {
        return alert(Ending.NO_NAME, detail, TlsAlert.UNRECOGNIZED_NAME);
    }

    /** The client did everything right. */
    static Rejection noUpstream(Ending ending, String detail) {
        return alert(ending, detail, TlsAlert.INTERNAL_ERROR);
    }

    private static Rejection alert(Ending ending, String detail, TlsAlert alert) {
        return new Rejection(ending, detail, Optional.of(() -> Answers.alert(alert)));
    }

    /** Sends the answer such that it arrives, and closes. On the channel's event loop. */
    void tell(SocketChannel client) {
        if (answer.isEmpty()) {
            client.close();
            return;
        }
        client.writeAndFlush(answer.get().get()).addListener(written -> {
            if (written.isSuccess()) {
                LingeringClose.of(client);
            } else {
                client.close();
            }
        });
    }
}
