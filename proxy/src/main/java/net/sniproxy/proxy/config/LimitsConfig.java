package net.sniproxy.proxy.config;

import java.util.OptionalInt;

/**
 * {@code limits}, and {@code max_connections} of the original.
 *
 * @param helloBytes the longest ClientHello on the wire, record headers included
 * @param connections open at once
 * @param connectionsPerIp open at once from one source
 * @param connectionsPerSecondPerIp new ones a second from one source
 */
public record LimitsConfig(
        int helloBytes, OptionalInt connections, OptionalInt connectionsPerIp, OptionalInt connectionsPerSecondPerIp) {}
