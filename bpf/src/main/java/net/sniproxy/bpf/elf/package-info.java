/**
 * Writes eBPF objects as ELF files that libbpf loads.
 *
 * <pre>
 * .text             functions that programs call
 * xdp, tc, sk_msg…  programs by the section name that tells libbpf their type
 * license           of all programs
 * .maps             one variable for each map; what it is stands in BTF
 * .BTF, .BTF.ext    types; functions and source lines by section
 * .rel…             loads of maps (R_BPF_64_64) and calls of functions (R_BPF_64_32)
 * </pre>
 */
@NullMarked
package net.sniproxy.bpf.elf;

import org.jspecify.annotations.NullMarked;
