/**
 * Accepting connections and seeing each through its life.
 *
 * <p>Every event loop is a {@link net.sniproxy.proxy.server.Worker} of its own: it accepts on its own listening sockets, and a
 * connection stays with both legs on the loop that accepted it. So nothing of a connection is shared between threads.
 */
@NullMarked
package net.sniproxy.proxy.server;

import org.jspecify.annotations.NullMarked;
