/**
 * The only package that makes native calls: {@link net.sniproxy.bpf.sys.SystemCalls} with results as the kernel gives
 * them, {@link net.sniproxy.bpf.sys.Descriptor} for what those calls open, {@link net.sniproxy.bpf.sys.Errno} for how
 * they fail. Nothing here knows what a map or a program is.
 */
@NullMarked
package net.sniproxy.bpf.sys;

import org.jspecify.annotations.NullMarked;
