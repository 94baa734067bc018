package net.sniproxy.app.hello;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** First flights of the JDK's own TLS client. */
final class Hellos {
    private Hellos() {}

    static byte[] of(String name, String... alpn) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, null, null);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            parameters.setApplicationProtocols(alpn);
            engine.setSSLParameters(parameters);
            ByteBuffer packet = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), packet);
            return Arrays.copyOf(packet.array(), packet.position());
        } catch (java.security.GeneralSecurityException | javax.net.ssl.SSLException e) {
            throw new AssertionError(e);
        }
    }

    /** The line that is printed for one of these. */
    static String line(String file, String name, byte[] hello, String... alpn) {
        String protocols = alpn.length == 0 ? "[]" : "[\"" + String.join("\",\"", alpn) + "\"]";
        return "{\"file\":\"%s\",\"name\":\"%s\",\"alpn\":%s,\"versions\":[\"TLS 1.3\",\"TLS 1.2\"],\"bytes\":%d,\"records\":1}"
                .formatted(file, name, protocols, hello.length);
    }
}
