package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * One frame that the source filter dropped. IPv4 sources are mapped into IPv6; all zero where the source was cut off.
 *
 * @param word0 bytes 0 to 3 of the source, network order as in memory
 * @param word1 bytes 4 to 7
 * @param word2 bytes 8 to 11
 * @param word3 bytes 12 to 15
 * @param reason the {@link TrafficCounter} that counted it
 * @param port the TCP port it was sent to, host order; 0 where there is none
 */
@Struct("FilterSample")
public record FilterSample(
        @Unsigned int word0,
        @Unsigned int word1,
        @Unsigned int word2,
        @Unsigned int word3,
        @Unsigned int reason,
        @Unsigned int port) {}
