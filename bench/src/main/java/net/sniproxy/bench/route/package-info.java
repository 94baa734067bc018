/** How long it takes to find a route. */
@NullMarked
package net.sniproxy.bench.route;

import org.jspecify.annotations.NullMarked;
