package net.sniproxy.proxy.event;

import java.util.Locale;

/** The ways in which a connection's bytes are forwarded. */
public enum DataPathKind {
    /** User space copies. */
    RELAY,
    /** The kernel moves bytes between sockets of this host. */
    SOCKMAP,
    /** The kernel rewrites packets; the proxy holds no socket. */
    SPLICE;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in logs and metrics, lower case. */
    public String label() {
        return label;
    }
}
