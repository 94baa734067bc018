/**
 * The front end: class files to SSA.
 *
 * <p>A method is translated by running its bytecode on abstract values: the JVM's locals and operand stack hold
 * {@link net.sniproxy.bpf.compiler.ir.Value}s instead of numbers. Calls of ordinary methods are translated in place, so
 * one {@link net.sniproxy.bpf.compiler.ir.Function} comes out. What cannot be compiled becomes an
 * {@link net.sniproxy.bpf.compiler.ir.Op.Unsupported} instruction or a trap; it is an error only if the optimiser cannot
 * prove that it is never reached.
 */
@NullMarked
package net.sniproxy.bpf.compiler.front;

import org.jspecify.annotations.NullMarked;
