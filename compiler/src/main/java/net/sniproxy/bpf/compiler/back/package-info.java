/**
 * The back end: SSA to eBPF instructions.
 *
 * <p>{@link net.sniproxy.bpf.compiler.back.Legaliser} removes what the machine does not have,
 * {@link net.sniproxy.bpf.compiler.back.Selector} chooses instructions with as many registers as it likes,
 * {@link net.sniproxy.bpf.compiler.back.RegisterAllocator} maps them to the ten that exist, and
 * {@link net.sniproxy.bpf.compiler.back.CodeEmitter} puts the blocks in a row.
 */
@NullMarked
package net.sniproxy.bpf.compiler.back;

import org.jspecify.annotations.NullMarked;
