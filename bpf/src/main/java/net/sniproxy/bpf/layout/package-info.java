/** Memory layouts of the structs that user space and kernel share. */
@NullMarked
package net.sniproxy.bpf.layout;

import org.jspecify.annotations.NullMarked;
