package net.sniproxy.proxy.hello;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The kinds of bytes that are no ClientHello the proxy may route. */
public enum Refusal {
    /** The first bytes are an HTTP request: to be answered in HTTP, not in TLS. */
    HTTP(null),
    /** The first byte begins an SSLv2 record: closed without an answer. */
    SSL_V2(null),
    /** Neither TLS nor anything else that is recognised: closed without an answer. */
    NOT_TLS(null),
    /** A record or handshake message of a type that cannot stand here. */
    UNEXPECTED_MESSAGE(TlsAlert.UNEXPECTED_MESSAGE),
    /** A record longer than 2^14 bytes. */
    RECORD_OVERFLOW(TlsAlert.RECORD_OVERFLOW),
    /** SSL 3.0 or older. */
    PROTOCOL_VERSION(TlsAlert.PROTOCOL_VERSION),
    /** Longer, or in more records, than the limits allow. */
    TOO_LARGE(TlsAlert.DECODE_ERROR),
    /** A length that does not agree with what it stands in, or an empty field that must not be empty. */
    MALFORMED(TlsAlert.DECODE_ERROR),
    /** The same extension twice. */
    DUPLICATE_EXTENSION(TlsAlert.DECODE_ERROR),
    /** More than one entry in the server name list. */
    SEVERAL_NAMES(TlsAlert.DECODE_ERROR),
    /** A name that is no DNS host name of RFC 6066. */
    BAD_NAME(TlsAlert.UNRECOGNIZED_NAME);

    private final Optional<TlsAlert> alert;

    Refusal(@Nullable TlsAlert alert) {
        this.alert = Optional.ofNullable(alert);
    }

    /** The alert to send before closing; empty where the peer does not speak TLS. */
    public Optional<TlsAlert> alert() {
        return alert;
    }
}
