/** Writes eBPF objects as ELF files that libbpf loads. */
@NullMarked
package net.sniproxy.bpf.elf;

import org.jspecify.annotations.NullMarked;
