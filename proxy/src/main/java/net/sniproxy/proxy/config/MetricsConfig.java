package net.sniproxy.proxy.config;

import java.net.InetSocketAddress;

/**
 * {@code metrics}.
 *
 * @param addr where they are served
 * @param top how many names, and how many client addresses, have time series of their own: those with the most bytes
 */
public record MetricsConfig(InetSocketAddress addr, int top) {}
