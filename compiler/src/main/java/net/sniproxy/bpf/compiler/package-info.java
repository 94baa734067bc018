/**
 * Compiles Java class files to eBPF. {@link net.sniproxy.bpf.compiler.Compiler} is the way in; {@link
 * net.sniproxy.bpf.compiler.Precompiled} takes what was compiled when the jar was built, where that still fits.
 *
 * <pre>
 * class file ─ front ─▶ SSA ─ opt ─▶ SSA, checked ─ back ─▶ instructions ─▶ ObjectSpec
 *                       (ir)                                                  │
 *                                                            image ◀──────────┘ a file beside the class file
 * </pre>
 *
 * <p>In the order in which to read:
 *
 * <ol>
 *   <li>{@link net.sniproxy.bpf.compiler.lang}: the language, what a kernel program is written in
 *   <li>{@link net.sniproxy.bpf.compiler.ir}: the form that a program has in between
 *   <li>{@link net.sniproxy.bpf.compiler.front}: from bytecode to it
 *   <li>{@link net.sniproxy.bpf.compiler.opt}: what makes it smaller, and provable for the verifier
 *   <li>{@link net.sniproxy.bpf.compiler.back}: from it to registers and instructions
 *   <li>{@link net.sniproxy.bpf.compiler.image}: how compiled programs are kept
 * </ol>
 *
 * <p>What cannot be compiled is a {@link net.sniproxy.bpf.compiler.CompileException} with all errors of all programs. {@code
 * README.md} of this module has both chapters in prose.
 */
@NullMarked
package net.sniproxy.bpf.compiler;

import org.jspecify.annotations.NullMarked;
