/**
 * The data path for peers on this host: what a local client sends is put straight into the receive queue of the local
 * upstream's socket, and back, by an SK_MSG program. Neither TCP nor the proxy sees these bytes.
 *
 * <pre>
 * client ─ TCP ─ proxy ─ TCP ─ upstream      the hello, and whatever is not redirected
 *    └────── redirect_msg ───────┘           the rest
 * </pre>
 *
 * <p>The life of a connection: the kernel enrols the client's socket when it is established, and the upstream's when it has
 * accepted the proxy's connection ({@link net.sniproxy.kernel.SocketEnrolment}). Before the ClientHello is sent on, the proxy
 * finds both by the ends and sequence numbers of its own two sockets, and pairs them. From then on each direction moves over
 * as soon as its receiver has read what went through TCP ({@link net.sniproxy.kernel.RedirectFlow}), and back when the receiver
 * falls behind by more than the limit, until it has read everything.
 *
 * <p>The connections through the proxy stay open all the time. They carry the ends: FIN is sent on when the receiver has read
 * every redirected byte, RST at once. A proxy that dies ends both peers with RST, for bytes may be lost with its maps.
 *
 * <p>Known limits of the kernel: a receiver that reads by splice(2) does not see redirected bytes, and {@code FIONREAD} does
 * not count them.
 */
@NullMarked
package net.sniproxy.proxy.datapath.sockmap;

import org.jspecify.annotations.NullMarked;
