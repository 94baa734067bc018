/**
 * Brings a whole object, maps and programs, into the kernel.
 *
 * <p>{@link net.sniproxy.bpf.load.LoadedObject#load} makes an {@link net.sniproxy.bpf.spec.ObjectSpec} real: maps are made, or
 * opened where they are pinned or handed in by {@link net.sniproxy.bpf.load.LoadOptions}; their descriptors and the kernel's own
 * type ids go into the programs; the verifier looks at those side by side. Either all of it is there afterwards or nothing.
 */
@NullMarked
package net.sniproxy.bpf.load;

import org.jspecify.annotations.NullMarked;
