/** Puts what our compiler makes of a program beside what clang makes of its twin in C. */
@NullMarked
package net.sniproxy.bench.clang;

import org.jspecify.annotations.NullMarked;
