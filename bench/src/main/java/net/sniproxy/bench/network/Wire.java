package net.sniproxy.bench.network;

import net.sniproxy.bench.hello.ClientHellos;

/**
 * What {@link Client} and {@link BackEnd} say to each other: the client a ClientHello, the back end a greeting, the client
 * requests of a byte ({@link #ECHO}, {@link #DOWN}, {@link #UP}) and eight bytes of size.
 */
final class Wire {
    static final int PORT = 9443;
    /** Name in the hello. */
    static final String NAME = "www.example.com";
    /** Each message of this size comes back, from now on. */
    static final byte ECHO = 'E';
    /** So many bytes come. */
    static final byte DOWN = 'D';
    /** So many bytes go, and one byte comes when they have arrived. */
    static final byte UP = 'U';

    static final int REQUEST_BYTES = 1 + Long.BYTES;
    /** The first byte is none of a TLS alert, with which proxies refuse. */
    static final byte GREETING = 'G';

    static final int GREETING_BYTES = 100;
    static final int CHUNK = 1 << 18;

    private static final byte[] HELLO = ClientHellos.ofSize(517);

    private Wire() {}

    static byte[] hello() {
        return HELLO.clone();
    }
}
