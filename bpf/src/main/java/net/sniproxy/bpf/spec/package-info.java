/** Immutable descriptions of maps, programs and objects, independent of the running kernel. */
@NullMarked
package net.sniproxy.bpf.spec;

import org.jspecify.annotations.NullMarked;
