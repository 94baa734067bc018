/**
 * The proxy: {@link net.sniproxy.proxy.SniProxy} is a running one, {@link net.sniproxy.proxy.KernelPaths} what it uses of the
 * kernel.
 *
 * <p>In the order in which a connection meets them, which is also the one to read in:
 *
 * <ol>
 *   <li>{@link net.sniproxy.proxy.config}: what is asked for
 *   <li>{@link net.sniproxy.proxy.filter.xdp} and {@link net.sniproxy.proxy.filter}: who may connect, in the kernel and here
 *   <li>{@link net.sniproxy.proxy.server}: accepts, and sees each connection through its stages, on sockets of {@link
 *       net.sniproxy.proxy.transport}
 *   <li>{@link net.sniproxy.proxy.hello}: the name in the ClientHello
 *   <li>{@link net.sniproxy.proxy.route}, {@link net.sniproxy.proxy.dns}, {@link net.sniproxy.proxy.upstream}: where it goes
 *   <li>{@link net.sniproxy.proxy.datapath}: how its bytes get there: {@link net.sniproxy.proxy.datapath.relay}, {@link
 *       net.sniproxy.proxy.datapath.sockmap}, {@link net.sniproxy.proxy.datapath.splice}
 *   <li>{@link net.sniproxy.proxy.event}, {@link net.sniproxy.proxy.stats}, {@link net.sniproxy.proxy.logging}: what is told of it
 *   <li>{@link net.sniproxy.proxy.admin}, {@link net.sniproxy.proxy.doctor}: questions to a running proxy, and about a machine
 * </ol>
 */
@NullMarked
package net.sniproxy.proxy;

import org.jspecify.annotations.NullMarked;
