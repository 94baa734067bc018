/** The programs that run inside the kernel and the structs that both sides share. */
@NullMarked
package net.sniproxy.kernel;

import org.jspecify.annotations.NullMarked;
