package net.sniproxy.proxy.stats;

import java.time.Instant;

/**
 * What one client address did.
 *
 * @param ip the address, numeric
 * @param connections those that ended
 * @param bytesUp from the client to upstreams
 * @param bytesDown from upstreams to the client
 * @param firstSeen end of its first connection
 * @param lastSeen end of its last connection
 */
record IpTraffic(String ip, long connections, long bytesUp, long bytesDown, Instant firstSeen, Instant lastSeen) {
    static IpTraffic none(String ip, Instant now) {
        return new IpTraffic(ip, 0, 0, 0, now, now);
    }

    IpTraffic plus(long up, long down, Instant now) {
        return new IpTraffic(ip, connections + 1, bytesUp + up, bytesDown + down, firstSeen, now);
    }

    /** With connections that are open. */
    IpTraffic plus(Volume live) {
        return new IpTraffic(
                ip,
                connections + live.connections(),
                bytesUp + live.bytesUp(),
                bytesDown + live.bytesDown(),
                firstSeen,
                lastSeen);
    }

    long bytes() {
        return bytesUp + bytesDown;
    }
}
