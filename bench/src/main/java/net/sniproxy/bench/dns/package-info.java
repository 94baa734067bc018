/** How long it takes to find a name in the caches. */
@NullMarked
package net.sniproxy.bench.dns;

import org.jspecify.annotations.NullMarked;
