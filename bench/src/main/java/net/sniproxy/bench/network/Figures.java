package net.sniproxy.bench.network;

/**
 * What one contender did in one round, or the best of several rounds.
 *
 * @param smallMedian round trip of 100 bytes each way, microseconds, median
 * @param smallRare the same, 99th percentile
 * @param largeMedian round trip of 16 KB each way, microseconds, median
 * @param largeRare the same, 99th percentile
 * @param down bulk to the client, Gbit/s
 * @param up bulk to the back end, Gbit/s
 * @param coreSeconds busy time of the core for each GB to the client: both ends, the way between, interrupts
 * @param firstConnections new connections a second, as soon as it has started
 * @param connections new connections a second
 */
record Figures(
        double smallMedian,
        double smallRare,
        double largeMedian,
        double largeRare,
        double down,
        double up,
        double coreSeconds,
        double firstConnections,
        double connections) {

    /** Field by field the better one: other work of the machine only ever makes a round worse. */
    Figures best(Figures other) {
        return new Figures(
                Math.min(smallMedian, other.smallMedian),
                Math.min(smallRare, other.smallRare),
                Math.min(largeMedian, other.largeMedian),
                Math.min(largeRare, other.largeRare),
                Math.max(down, other.down),
                Math.max(up, other.up),
                Math.min(coreSeconds, other.coreSeconds),
                Math.max(firstConnections, other.firstConnections),
                Math.max(connections, other.connections));
    }
}
