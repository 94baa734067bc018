/**
 * The proxy shown at work without any configuration: TLS back ends, the proxy and a client in one process, all on this
 * host's loopback addresses.
 */
@NullMarked
package net.sniproxy.app.demo;

import org.jspecify.annotations.NullMarked;
