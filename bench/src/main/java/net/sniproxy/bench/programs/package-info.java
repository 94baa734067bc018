/** Kernel programs that exist for the comparison with clang only: each has a twin in {@code src/main/c}. */
@NullMarked
package net.sniproxy.bench.programs;

import org.jspecify.annotations.NullMarked;
