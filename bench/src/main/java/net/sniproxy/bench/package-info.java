/** Benchmarks. */
@NullMarked
package net.sniproxy.bench;

import org.jspecify.annotations.NullMarked;
