/** Finds out what the running kernel can do, by trying it. */
@NullMarked
package net.sniproxy.bpf.probe;

import org.jspecify.annotations.NullMarked;
