package net.sniproxy.proxy.event;

import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * What identifies a connection for its whole life.
 *
 * @param id unique within the process, ascending in order of acceptance on each event loop
 * @param listener the local address it was accepted on
 * @param peer the other end of the TCP connection; not always the client, see PROXY protocol
 * @param acceptedAt when it was accepted
 */
public record ConnectionInfo(long id, InetSocketAddress listener, InetSocketAddress peer, Instant acceptedAt) {}
