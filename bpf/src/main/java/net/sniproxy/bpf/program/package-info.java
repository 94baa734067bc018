/**
 * Programs: loaded from a {@link net.sniproxy.bpf.spec.ProgramSpec}, run on test data, observed. What brings a whole
 * object with its maps into the kernel is {@link net.sniproxy.bpf.load.LoadedObject}; what puts a program where it is
 * called is in net.sniproxy.bpf.link.
 */
@NullMarked
package net.sniproxy.bpf.program;

import org.jspecify.annotations.NullMarked;
