/** Routing: which rule of the configuration is for a name. */
@NullMarked
package net.sniproxy.proxy.route;

import org.jspecify.annotations.NullMarked;
