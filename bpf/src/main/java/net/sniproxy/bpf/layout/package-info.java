/**
 * Memory layouts of the structs that user space and kernel share: one owner of each offset.
 *
 * <p>A record or class with {@link net.sniproxy.bpf.layout.Struct} is a C struct. {@link
 * net.sniproxy.bpf.layout.StructLayout#of} gives its members with offset, size and type; the compiler for kernel programs
 * reads the same annotations. User space reads and writes whole structs with a {@link net.sniproxy.bpf.layout.Codec}, and
 * single members, without making objects, with {@link net.sniproxy.bpf.layout.StructField}:
 *
 * <pre>
 * &#64;Struct record FlowKey(&#64;BigEndian &#64;Unsigned int address, &#64;BigEndian char port) {}
 *
 * StructField port = StructLayout.of(FlowKey.class).field("port");   // offset 4, 2 bytes, network byte order
 * port.set(memory, 0, 443);                                          // writes 01 bb
 * </pre>
 */
@NullMarked
package net.sniproxy.bpf.layout;

import org.jspecify.annotations.NullMarked;
