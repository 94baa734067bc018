/**
 * The data path in user space: what is read from one leg is written to the other.
 *
 * <p>Each direction holds at most one read buffer ({@value net.sniproxy.proxy.transport.BoundedReads#LARGEST_READ} bytes): the
 * source is read again when the sink has taken all of it. So a slow receiver costs two buffers at most, and TCP's own windows
 * hold the sender back.
 */
@NullMarked
package net.sniproxy.proxy.datapath.relay;

import org.jspecify.annotations.NullMarked;
