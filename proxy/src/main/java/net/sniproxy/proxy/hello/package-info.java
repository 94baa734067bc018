/**
 * The ClientHello: a reader over plain bytes that answers with the name a client asks for, or says why there is none.
 */
@NullMarked
package net.sniproxy.proxy.hello;

import org.jspecify.annotations.NullMarked;
