/** The sni-proxy command. */
@NullMarked
package net.sniproxy.app;

import org.jspecify.annotations.NullMarked;
