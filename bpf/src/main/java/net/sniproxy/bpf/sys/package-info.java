/** The only package that makes native calls. */
@NullMarked
package net.sniproxy.bpf.sys;

import org.jspecify.annotations.NullMarked;
