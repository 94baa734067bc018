/** The proxy. */
@NullMarked
package net.sniproxy.proxy;

import org.jspecify.annotations.NullMarked;
