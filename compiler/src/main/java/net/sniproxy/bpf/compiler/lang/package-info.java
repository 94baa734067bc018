/** The language of kernel programs: annotations, contexts, maps and helpers. */
@NullMarked
package net.sniproxy.bpf.compiler.lang;

import org.jspecify.annotations.NullMarked;
