/** The eBPF toolkit: loaded objects and their errors. */
@NullMarked
package net.sniproxy.bpf;

import org.jspecify.annotations.NullMarked;
