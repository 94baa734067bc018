/**
 * The source filter in the kernel: attaches {@code xdp_ip_filter} to interfaces, keeps its lists, and tells it which sources
 * misbehave.
 *
 * <p>A change of the lists is atomic under traffic: new maps are filled behind a new copy of the program, which then takes
 * the place of the one that runs, in one step for each interface. No packet is ever judged by half a list.
 */
@NullMarked
package net.sniproxy.proxy.filter.xdp;

import org.jspecify.annotations.NullMarked;
