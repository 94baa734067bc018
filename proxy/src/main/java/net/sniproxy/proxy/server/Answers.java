package net.sniproxy.proxy.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import net.sniproxy.proxy.hello.TlsAlert;

/** What a client is told before it is turned away. */
final class Answers {
    private static final String BODY = "this port speaks TLS\n";

    private static final ByteBuf BAD_REQUEST = Unpooled.unreleasableBuffer(Unpooled.directBuffer()
            .writeBytes(("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: " + BODY.length()
                            + "\r\nConnection: close\r\n\r\n" + BODY)
                    .getBytes(StandardCharsets.US_ASCII))
            .asReadOnly());

    private Answers() {}

    /** To an HTTP request. */
    static ByteBuf badRequest() {
        return BAD_REQUEST.duplicate();
    }

    /** A fatal alert, to a TLS client. */
    static ByteBuf alert(TlsAlert alert) {
        return Unpooled.wrappedBuffer(alert.record());
    }
}
