/**
 * Names to addresses: Netty's resolver with caches that keep each answer exactly as long as its TTL says (within the configured
 * bounds), remember failures for a while, and are bounded in size whatever names clients ask for.
 */
@NullMarked
package net.sniproxy.proxy.dns;

import org.jspecify.annotations.NullMarked;
