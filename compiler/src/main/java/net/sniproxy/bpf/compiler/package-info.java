/** Compiles Java class files to eBPF. */
@NullMarked
package net.sniproxy.bpf.compiler;

import org.jspecify.annotations.NullMarked;
