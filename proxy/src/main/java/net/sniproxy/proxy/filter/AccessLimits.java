package net.sniproxy.proxy.filter;

import java.util.OptionalInt;

/**
 * Who may connect, and how often.
 *
 * @param allowed the only sources let in; empty lets everyone in
 * @param connections open at once, from everyone together
 * @param connectionsPerIp open at once from one source
 * @param connectionsPerSecondPerIp new ones from one source; as many may come in one burst
 */
public record AccessLimits(
        CidrSet allowed,
        OptionalInt connections,
        OptionalInt connectionsPerIp,
        OptionalInt connectionsPerSecondPerIp) {}
