package net.sniproxy.app.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * What the ends say to each other: the client a ClientHello, the back end {@link #GREETING}, the client a request of one
 * byte. The proxy sees a real hello and then bytes that it does not look at.
 */
final class Wire {
    /** The name in the hello. */
    static final String NAME = "bench.test";
    /** The first byte of what no proxy answers with: alerts begin with 21. */
    static final byte GREETING = 'G';
    /** A request: each {@link #MESSAGE} bytes come back. */
    static final byte ECHO = 'E';
    /** A request: bytes come until the connection ends. */
    static final byte SEND = 'S';

    static final int MESSAGE = 100;

    private static final int RECORD_HEADER = 5;

    private Wire() {}

    /** A hello of this JDK, in one TLS record. */
    static byte[] hello() throws IOException {
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine();
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(NAME)));
            engine.setSSLParameters(parameters);
            ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), record);
            byte[] hello = new byte[record.flip().remaining()];
            record.get(hello);
            return hello;
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("this JDK has no TLS", e);
        }
    }

    /** Reads past one TLS record. */
    static void skipRecord(DataInputStream in) throws IOException {
        byte[] header = in.readNBytes(RECORD_HEADER);
        if (header.length < RECORD_HEADER) {
            throw new IOException("ended in the hello");
        }
        in.skipNBytes((header[3] & 0xff) << 8 | header[4] & 0xff);
    }
}
