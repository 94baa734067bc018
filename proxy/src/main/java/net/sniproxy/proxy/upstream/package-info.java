/** Where a connection goes: choosing a target, and connecting to it directly, through SOCKS5, or to a unix socket. */
@NullMarked
package net.sniproxy.proxy.upstream;

import org.jspecify.annotations.NullMarked;
