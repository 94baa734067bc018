/** eBPF instructions as values, assembled to and from bytes and text. */
@NullMarked
package net.sniproxy.bpf.asm;

import org.jspecify.annotations.NullMarked;
