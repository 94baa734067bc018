/**
 * What the proxy costs connections that cross a network, beside other proxies and no proxy, in one run: clients, proxy and
 * back end in a network namespace each, all on one core.
 */
@NullMarked
package net.sniproxy.bench.network;

import org.jspecify.annotations.NullMarked;
