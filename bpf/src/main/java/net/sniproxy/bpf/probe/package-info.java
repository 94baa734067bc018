/**
 * Finds out what the running kernel can do, by trying it: {@link net.sniproxy.bpf.probe.Features} asks, {@link
 * net.sniproxy.bpf.probe.Support} is the answer. A version number would not do, since distributions take features back into
 * older kernels and leave others out.
 */
@NullMarked
package net.sniproxy.bpf.probe;

import org.jspecify.annotations.NullMarked;
