/**
 * Reads the records that kernel programs put into a ring buffer (a map of type RINGBUF), in the order in which the
 * programs reserved them, without copying.
 */
@NullMarked
package net.sniproxy.bpf.ring;

import org.jspecify.annotations.NullMarked;
