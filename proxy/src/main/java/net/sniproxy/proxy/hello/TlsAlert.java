package net.sniproxy.proxy.hello;

/** The alerts a refusal is answered with (RFC 8446 section 6). */
public enum TlsAlert {
    UNEXPECTED_MESSAGE(10),
    RECORD_OVERFLOW(22),
    DECODE_ERROR(50),
    PROTOCOL_VERSION(70),
    INTERNAL_ERROR(80),
    UNRECOGNIZED_NAME(112);

    private final int code;

    TlsAlert(int code) {
        this.code = code;
    }

    /** The AlertDescription on the wire. */
    public int code() {
        return code;
    }

    /** A whole fatal alert record, 7 bytes, as it goes to the client. */
    public byte[] record() {
        return new byte[] {21, 3, 3, 0, 2, 2, (byte) code};
    }
}
