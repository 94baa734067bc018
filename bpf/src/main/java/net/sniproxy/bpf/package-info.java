/**
 * The eBPF toolkit: {@link net.sniproxy.bpf.Kernel}, the way to a kernel, and how errors of it are told.
 *
 * <p>What independent values describe becomes objects in the kernel, and those are attached. In the order in which to read:
 *
 * <ol>
 *   <li>{@link net.sniproxy.bpf.spec}: what is to be made, as immutable values ({@code ObjectSpec}, {@code MapSpec}, {@code
 *       ProgramSpec}); keys, values and instructions in them come from {@link net.sniproxy.bpf.layout} and {@link
 *       net.sniproxy.bpf.asm}
 *   <li>{@link net.sniproxy.bpf.load}: makes it; {@code LoadedObject} owns what is there then
 *   <li>{@link net.sniproxy.bpf.map}, {@link net.sniproxy.bpf.program}, {@link net.sniproxy.bpf.ring}: works with it
 *   <li>{@link net.sniproxy.bpf.link}: puts programs where the kernel calls them
 *   <li>{@link net.sniproxy.bpf.probe}: what this kernel can do at all
 *   <li>{@link net.sniproxy.bpf.btf}, {@link net.sniproxy.bpf.elf}: types, and object files for other loaders
 *   <li>{@link net.sniproxy.bpf.sys}: the system calls below all of it
 * </ol>
 *
 * <p>A {@link net.sniproxy.bpf.KernelObject} has one owner, who closes it. A refused request is a {@link
 * net.sniproxy.bpf.BpfException} that says what to do about it; a rejected program a {@link
 * net.sniproxy.bpf.VerifierException} with the Java line.
 */
@NullMarked
package net.sniproxy.bpf;

import org.jspecify.annotations.NullMarked;
