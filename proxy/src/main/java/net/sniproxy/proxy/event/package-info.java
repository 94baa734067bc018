/**
 * What happens to connections, told as it happens: the seam between the proxy and whoever logs, counts or tracks.
 *
 * <p>Each connection tells {@code Opened} first and {@code Closed} last, exactly once each, and between them, in this
 * order and only as far as it gets, {@code HelloRead}, {@code Routed}, {@code Connected} and {@code PathChosen}; one that
 * outlives the process tells {@code Left} instead of {@code Closed}. Whoever
 * needs one line per connection needs {@code Closed} alone: it repeats everything that was learnt.
 */
@NullMarked
package net.sniproxy.proxy.event;

import org.jspecify.annotations.NullMarked;
