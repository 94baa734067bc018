package net.sniproxy.proxy.datapath;

import io.netty.channel.Channel;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.proxy.datapath.DataPath.Offer;
import net.sniproxy.proxy.event.DataPathKind;

/**
 * The data paths that are in use, fastest first, and what was said of those that are not.
 *
 * @param paths asked in this order; empty where the kernel cannot help
 * @param unavailable why there are no more paths, in words for a log; empty when all are there
 */
public record DataPaths(List<DataPath> paths, String unavailable) {
    /** Only the relay. */
    public static DataPaths relayOnly(String reason) {
        return new DataPaths(List.of(), reason);
    }

    /** Copies the list. */
    public DataPaths {
        paths = List.copyOf(paths);
    }

    /** See {@link DataPath#connecting}. */
    public void connecting(Channel upstream) {
        paths.forEach(path -> path.connecting(upstream));
    }

    /** See {@link DataPath#listening}. */
    public void listening(List<InetSocketAddress> addresses) {
        paths.forEach(path -> path.listening(addresses));
    }

    /** See {@link DataPath#readCounts}. */
    public void readCounts() {
        paths.forEach(DataPath::readCounts);
    }

    /** Asks each path; the relay when all decline. On the connection's event loop. */
    public Choice choose(Legs legs) {
        if (paths.isEmpty()) {
            return new Choice(DataPathKind.RELAY, Optional.empty(), unavailable);
        }
        StringBuilder reasons = new StringBuilder(unavailable);
        for (DataPath path : paths) {
            switch (path.offer(legs)) {
                case Offer.Armed(KernelForwarding forwarding) -> {
                    return new Choice(path.kind(), Optional.of(forwarding), reasons.toString());
                }
                case Offer.Declined(String reason) -> {
                    if (!reasons.isEmpty()) {
                        reasons.append("; ");
                    }
                    reasons.append(path.kind().label()).append(": ").append(reason);
                }
            }
        }
        return new Choice(DataPathKind.RELAY, Optional.empty(), reasons.toString());
    }

    /** See {@link DataPath#source}. */
    public Optional<InetSocketAddress> source(InetSocketAddress upstream) throws BindException {
        for (DataPath path : paths) {
            Optional<InetSocketAddress> source = path.source(upstream);
            if (source.isPresent()) {
                return source;
            }
        }
        return Optional.empty();
    }

    /** See {@link DataPath#largestSegment}. */
    public OptionalInt largestSegment(Channel client) {
        for (DataPath path : paths) {
            OptionalInt bytes = path.largestSegment(client);
            if (bytes.isPresent()) {
                return bytes;
            }
        }
        return OptionalInt.empty();
    }

    /**
     * What was chosen for one connection.
     *
     * @param kind the path
     * @param forwarding the kernel's part; empty for the relay
     * @param reason why not a faster one; may be empty
     */
    public record Choice(DataPathKind kind, Optional<KernelForwarding> forwarding, String reason) {}
}
