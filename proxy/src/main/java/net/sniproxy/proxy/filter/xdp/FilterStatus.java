package net.sniproxy.proxy.filter.xdp;

import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.filter.Cidr;

/**
 * What the source filter does, and what it has done since the proxy's start.
 *
 * @param interfaces the mode that is really in force, by interface
 * @param scope as configured
 * @param judges what is judged now: {@code listen ports}, {@code every packet, on trial} or {@code every packet}
 * @param allow if not empty, the only sources let in
 * @param deny until when: nanoseconds of {@link System#nanoTime()}, -1 without an end
 * @param synRatePerSource new connections a second
 * @param passed frames judged and let pass
 * @param dropped frames dropped, by reason
 */
public record FilterStatus(
        Map<String, String> interfaces,
        EbpfConfig.Scope scope,
        String judges,
        Set<Cidr> allow,
        Map<Cidr, Long> deny,
        OptionalInt synRatePerSource,
        long passed,
        Map<DropReason, Long> dropped) {}
