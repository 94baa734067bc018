/**
 * The compiler's intermediate representation: static single assignment over basic blocks.
 *
 * <p>A {@link net.sniproxy.bpf.compiler.ir.Function} is a graph of {@link net.sniproxy.bpf.compiler.ir.Block}s. A block
 * holds φs, then instructions in program order, then one {@link net.sniproxy.bpf.compiler.ir.Terminator}. What an
 * instruction does is its {@link net.sniproxy.bpf.compiler.ir.Op}, an immutable record of a sealed family; what it works
 * on are its arguments. Constants, map references, stack slots and parameters are <em>leaves</em>: they belong to no
 * block and may be used anywhere, because the back end can make them again at no cost.
 *
 * <p>Graphs are mutable and confined to the thread that compiles.
 */
@NullMarked
package net.sniproxy.bpf.compiler.ir;

import org.jspecify.annotations.NullMarked;
