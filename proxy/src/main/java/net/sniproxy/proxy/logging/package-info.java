/**
 * The log of the proxy: Logback, set up in code from the {@code log} keys of the configuration.
 *
 * <p>Every line goes through {@link net.sniproxy.proxy.logging.LineLayout}, which keeps one event on one line whatever
 * a peer put into it, and through a queue, so that a slow disk or terminal never holds up an event loop.
 */
@NullMarked
package net.sniproxy.proxy.logging;

import org.jspecify.annotations.NullMarked;
