package net.sniproxy.proxy.datapath.sockmap;

import java.util.Locale;

/** Why a connection is not redirected between sockets. */
enum Refusal {
    /** A unix socket, or a transport whose descriptors cannot be reached. */
    NOT_TCP("one leg is not a TCP socket"),
    /** On another host, outside the cgroup, MPTCP, or the map of sockets was full. */
    CLIENT_NOT_ENROLLED("the client's socket is not enrolled"),
    /** As above, or it waits for the hello before it accepts (TCP_DEFER_ACCEPT). */
    UPSTREAM_NOT_ENROLLED("the upstream's socket is not enrolled"),
    CLOSING("a peer has finished already"),
    /** Or the enrolled socket only has the same addresses and ports: the numbers do not fit either way. */
    NOT_QUIET("a peer has said more than the hello"),
    FULL("the table of connections is full");

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
