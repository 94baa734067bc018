/**
 * How bytes get from one leg of a connection to the other.
 *
 * <p>Every connection is relayed in user space unless a {@link net.sniproxy.proxy.datapath.DataPath} that uses the kernel
 * takes it over. The paths are asked in order, once per connection, at the one quiet moment a TLS connection has: the
 * ClientHello has been read and nothing behind it, the upstream is connected, and nothing has been sent to it yet. A path
 * that accepts has armed the kernel when it answers; only then is the ClientHello sent on. So no byte ever has two owners.
 *
 * <p>The relay stays in place underneath an accepted path, for the bytes that the kernel leaves to it: the ClientHello, what
 * is passed because a limit was reached, the end of the stream.
 */
@NullMarked
package net.sniproxy.proxy.datapath;

import org.jspecify.annotations.NullMarked;
