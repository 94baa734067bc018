/** Brings a whole object, maps and programs, into the kernel. */
@NullMarked
package net.sniproxy.bpf.load;

import org.jspecify.annotations.NullMarked;
