/**
 * The packet splice: established connections are forwarded by a TC program alone, without a socket in between.
 *
 * <p>The quiet moment: a TLS client is silent behind its ClientHello until the server answers, and the server is silent
 * before it. At that moment both legs stand still, their sequence numbers can be read, and the kernel can be told how they
 * map to each other. The local sockets keep the ClientHello until the upstream has acknowledged it; the first packet that
 * does starts the splice.
 */
@NullMarked
package net.sniproxy.proxy.datapath.splice;

import org.jspecify.annotations.NullMarked;
