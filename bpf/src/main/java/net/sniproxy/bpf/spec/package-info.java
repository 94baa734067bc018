/**
 * Immutable descriptions of maps, programs and objects, independent of the running kernel.
 *
 * <p>The same specs can be loaded into the kernel or written as an object file. A {@link
 * net.sniproxy.bpf.spec.ProgramSpec} is made of functions that call each other by name; {@link
 * net.sniproxy.bpf.spec.ProgramSpec#link} puts them one after the other, and only the maps are still named in the {@link
 * net.sniproxy.bpf.spec.LinkedProgram}.
 */
@NullMarked
package net.sniproxy.bpf.spec;

import org.jspecify.annotations.NullMarked;
