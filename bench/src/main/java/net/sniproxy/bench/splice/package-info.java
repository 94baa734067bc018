/** What {@code tc_splice} costs a packet and a connection, by test runs of the program in the kernel. */
@NullMarked
package net.sniproxy.bench.splice;

import org.jspecify.annotations.NullMarked;
