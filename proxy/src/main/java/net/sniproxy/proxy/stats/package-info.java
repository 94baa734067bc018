/**
 * What the proxy tells about its traffic: the access log, metrics for Prometheus, and the tracking files.
 *
 * <p>Each is a {@link net.sniproxy.proxy.event.ConnectionObserver}; none of them does input or output on an event loop.
 * {@link net.sniproxy.proxy.stats.Statistics} sets up those that a configuration asks for.
 */
@NullMarked
package net.sniproxy.proxy.stats;

import org.jspecify.annotations.NullMarked;
