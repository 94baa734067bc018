/** The source filter beside {@code xdp-filter} of xdp-tools. */
@NullMarked
package net.sniproxy.bench.filter;

import org.jspecify.annotations.NullMarked;
