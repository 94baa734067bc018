package net.sniproxy.proxy.config;

import java.time.Duration;

/**
 * {@code timeouts}.
 *
 * @param hello from accept to a complete ClientHello
 * @param connect from the ClientHello to a connection to the upstream, name resolution and retries included
 * @param idle without a byte in either direction
 * @param unacknowledged data that was sent without an acknowledgement by the peer's TCP
 * @param drain from the signal to stop until connections that are left are closed
 */
public record TimeoutsConfig(
        Duration hello, Duration connect, Duration idle, Duration unacknowledged, Duration drain) {}
