package net.sniproxy.proxy.stats;

import net.sniproxy.proxy.event.ByteCounts;

/**
 * Connections and what they have moved.
 *
 * @param open connections that are open
 * @param connections all of them, the open ones included
 * @param bytesUp from clients to upstreams, those of open connections included
 * @param bytesDown from upstreams to clients, likewise
 */
public record Volume(long open, long connections, long bytesUp, long bytesDown) {
    /** Nothing. */
    public static final Volume NONE = new Volume(0, 0, 0, 0);

    static Volume ofEnded(ByteCounts bytes) {
        return new Volume(0, 1, bytes.up(), bytes.down());
    }

    static Volume ofOpen(ByteCounts bytes) {
        return new Volume(1, 1, bytes.up(), bytes.down());
    }

    Volume plus(Volume other) {
        return new Volume(
                open + other.open,
                connections + other.connections,
                bytesUp + other.bytesUp,
                bytesDown + other.bytesDown);
    }

    /** Both ways. */
    public long bytes() {
        return bytesUp + bytesDown;
    }
}
