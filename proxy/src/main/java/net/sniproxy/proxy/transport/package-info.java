/** The sockets of this platform: native epoll on Linux, {@code java.nio} elsewhere, with one set of options. */
@NullMarked
package net.sniproxy.proxy.transport;

import org.jspecify.annotations.NullMarked;
