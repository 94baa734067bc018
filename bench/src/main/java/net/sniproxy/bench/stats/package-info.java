/** What it costs to read the statistics. */
@NullMarked
package net.sniproxy.bench.stats;

import org.jspecify.annotations.NullMarked;
