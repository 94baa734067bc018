/**
 * BPF Type Format: read from the running kernel, built for our own types.
 *
 * <p>{@link net.sniproxy.bpf.btf.Btf} answers where a member of a kernel struct is, and which id a function or tracepoint
 * has. It is opened by one pass that only notes where each type starts; types are decoded when they are asked for.
 * {@link net.sniproxy.bpf.btf.BtfBuilder} makes BTF and finds what it has again instead of adding it twice. A type is a
 * record of the sealed {@link net.sniproxy.bpf.btf.BtfType}; types refer to each other by id.
 *
 * <p>Malformed BTF ends in a {@link net.sniproxy.bpf.btf.BtfException}, when it is opened or when the malformed type is
 * asked for; nothing is read outside of the bytes given.
 */
@NullMarked
package net.sniproxy.bpf.btf;

import org.jspecify.annotations.NullMarked;
