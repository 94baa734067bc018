package net.sniproxy.proxy.event;

import java.util.Locale;

/** How a connection ended. */
public enum Ending {
    /** Both sides sent FIN and have every byte. */
    COMPLETED,
    /** The client sent RST; the upstream was reset. */
    CLIENT_RESET,
    /** The upstream sent RST; the client was reset. */
    UPSTREAM_RESET,
    /** The client left data or probes unanswered for too long ({@code timeouts.unacknowledged}); the upstream was reset. */
    CLIENT_VANISHED,
    /** The upstream left data or probes unanswered for too long ({@code timeouts.unacknowledged}); the client was reset. */
    UPSTREAM_VANISHED,
    /** Nothing moved for {@code timeouts.idle}; both were reset. */
    IDLE_TIMEOUT,
    /** A reload removed its route, or its source from {@code ip_whitelist}; both were reset. */
    REVOKED,
    /** Still open when {@code timeouts.drain} ran out; both were reset. */
    DRAINED,
    /** The client left before an upstream was connected. */
    CLIENT_LEFT,

    /** The source address is not on {@code ip_whitelist}. */
    SOURCE_DENIED,
    /** {@code max_connections} was reached. */
    TOO_MANY_CONNECTIONS,
    /** {@code limits.connections_per_ip} was reached. */
    TOO_MANY_FROM_SOURCE,
    /** {@code limits.connections_per_second_per_ip} was exceeded. */
    RATE_LIMITED,
    /** A trusted peer's PROXY protocol header was missing or malformed. */
    PROXY_HEADER_INVALID,
    /** No complete ClientHello within {@code timeouts.hello} of acceptance. */
    HELLO_TIMEOUT,
    /** Not a valid ClientHello; TLS alert 50. */
    HELLO_INVALID,
    /** Plain HTTP; answered with 400. */
    PLAIN_HTTP,
    /** Another protocol than TLS; closed without a word. */
    NOT_TLS,
    /** No name in the hello and {@code no_sni} rejects; TLS alert 112. */
    NO_NAME,
    /** No route for the name; TLS alert 112. */
    NO_ROUTE,
    /** The upstream's name could not be resolved; TLS alert 80. */
    UNRESOLVED,
    /** The upstream's address is private or this proxy's own; TLS alert 80. */
    UPSTREAM_DENIED,
    /** No upstream accepted the connection; TLS alert 80. */
    UPSTREAM_FAILED,
    /** No upstream accepted it within {@code timeouts.connect}; TLS alert 80. */
    CONNECT_TIMEOUT,
    /** Too many connections wait for an upstream; TLS alert 80. */
    OVERLOADED,
    /** A fault of the proxy's own, logged; TLS alert 80. */
    INTERNAL_ERROR;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in logs and metrics: lower case with underscores, e.g. {@code client_reset}. */
    public String label() {
        return label;
    }

    /** Whether the proxy turned the connection away before it reached an upstream. */
    public boolean refused() {
        return compareTo(SOURCE_DENIED) >= 0;
    }
}
