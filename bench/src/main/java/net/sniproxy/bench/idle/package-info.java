/** What connections cost that do nothing. */
@NullMarked
package net.sniproxy.bench.idle;

import org.jspecify.annotations.NullMarked;
