package net.sniproxy.proxy.datapath;

import io.netty.channel.Channel;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.sniproxy.proxy.datapath.DataPath.Offer;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.PathDeclined;

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
            return new Choice(DataPathKind.RELAY, Optional.empty(), List.of(), unavailable);
        }
        List<PathDeclined> declined = new ArrayList<>(paths.size());
        for (DataPath path : paths) {
            switch (path.offer(legs)) {
                case Offer.Armed(KernelForwarding forwarding) -> {
                    return new Choice(path.kind(), Optional.of(forwarding), declined, unavailable);
                }
                case Offer.Declined(String label, String reason) ->
                    declined.add(new PathDeclined(path.kind(), label, reason));
            }
        }
        return new Choice(DataPathKind.RELAY, Optional.empty(), declined, unavailable);
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
     * @param declined the paths that were asked and did not want it
     * @param unavailable as in {@link DataPaths}
     */
    public record Choice(
            DataPathKind kind, Optional<KernelForwarding> forwarding, List<PathDeclined> declined, String unavailable) {
        /** Copies the list. */
        public Choice {
            declined = List.copyOf(declined);
        }

        /** Why not a faster one, in words for a log; may be empty. */
        public String reason() {
            Stream<String> all =
                    Stream.concat(Stream.of(unavailable), declined.stream().map(PathDeclined::toString));
            return all.filter(text -> !text.isEmpty()).collect(Collectors.joining("; "));
        }
    }
}
