package net.sniproxy.proxy.datapath.splice;

import java.util.Locale;

/** Why a connection is relayed and not spliced. */
enum Refusal {
    /** A unix socket, or a transport whose descriptors cannot be reached. */
    NOT_TCP("one leg is not a TCP socket"),
    FAMILIES_DIFFER("one leg is IPv4 and the other IPv6"),
    ON_THIS_HOST("a peer is on this host"),
    NO_ROUTE("no route to a peer"),
    NO_PROGRAM("an interface cannot have the program"),
    TIMESTAMPS_DIFFER("one leg has TCP timestamps and the other has not"),
    MICROSECONDS("a leg has TCP timestamps in microseconds"),
    WINDOW_SCALE("a window scale is too coarse"),
    SEGMENTS("one peer may send larger segments than the other's path carries"),
    CLOSING("a peer has finished already"),
    UNREAD_DATA("a peer has said more already"),
    /** Known only after the arming. */
    UPSTREAM_SPOKE_FIRST("the upstream spoke before it had the whole ClientHello"),
    IN_USE("addresses and ports are still those of another connection"),
    FULL("the flow table is full");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** In one word for metrics. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** In words for a log. */
    String text() {
        return text;
    }
}
