/**
 * Puts programs where the kernel calls them.
 *
 * <ul>
 *   <li>{@link net.sniproxy.bpf.link.Xdp}: a network interface, before the kernel makes a packet of what arrives;
 *   <li>{@link net.sniproxy.bpf.link.TrafficControl}: a network interface, incoming or outgoing packets; by TCX, or by a
 *       classifier of clsact before Linux 6.6;
 *   <li>{@link net.sniproxy.bpf.link.Cgroups}: the sockets of the processes in a cgroup;
 *   <li>{@link net.sniproxy.bpf.link.Sockmaps}: what is sent on the sockets in a map;
 *   <li>{@link net.sniproxy.bpf.link.Tracepoints}: a tracepoint of the kernel;
 *   <li>{@link net.sniproxy.bpf.link.Attachments}: what is attached where, by whomever;
 *   <li>{@link net.sniproxy.bpf.link.NetworkDevice}: which interfaces there are.
 * </ul>
 *
 * <p>Most attachments are a {@link net.sniproxy.bpf.link.Link}: it holds as long as a descriptor or a pin holds it, so a
 * pinned one survives the process, and another process can open the pin and replace the program without a gap.
 */
@NullMarked
package net.sniproxy.bpf.link;

import org.jspecify.annotations.NullMarked;
