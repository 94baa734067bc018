/** How long it takes to read a ClientHello. */
@NullMarked
package net.sniproxy.bench.hello;

import org.jspecify.annotations.NullMarked;
