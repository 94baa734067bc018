/** What a call on a map costs from Java, beside the same call from C. */
@NullMarked
package net.sniproxy.bench.maps;

import org.jspecify.annotations.NullMarked;
