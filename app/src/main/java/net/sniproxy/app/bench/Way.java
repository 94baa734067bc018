package net.sniproxy.app.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One row of the table.
 *
 * @param name as in the table
 * @param section what it is compared with
 * @param anywhere whether it works for every user on every machine
 * @param site makes the place
 * @param path the data path that connections have to take; empty where no proxy is on the way
 */
record Way(String name, String section, boolean anywhere, Site site, Optional<Path> path) {
    static final String SAME_HOST = "between processes of this host";
    static final String NETWORK = "across a network (namespaces of this machine)";

    /** Makes a place. */
    @FunctionalInterface
    interface Site {
        /** @throws IOException with the reason why this machine has no such place */
        Place make() throws IOException;
    }

    /** A data path. */
    enum Path {
        RELAY("relay"),
        SOCKMAP("sockmap"),
        SPLICE("splice");

        private final String label;

        Path(String label) {
            this.label = label;
        }

        /** As access logs name it. */
        String label() {
            return label;
        }

        /** The section {@code ebpf} that turns it on, and the others off. */
        String configuration(Place place) {
            return switch (this) {
                case RELAY -> "{\"enabled\": false}";
                case SOCKMAP ->
                    "{\"enabled\": true, \"splice\": {\"enabled\": false}, \"sockmap\": {\"cgroup\": \"%s\"}}"
                            .formatted(place instanceof OwnCgroup own ? own.directory() : "/");
                case SPLICE -> "{\"enabled\": true, \"sockmap\": {\"enabled\": false}}";
            };
        }
    }

    /** All of them, each baseline before what is compared with it. */
    static List<Way> all() {
        return List.of(
                new Way("no proxy", SAME_HOST, true, ThisHost::new, Optional.empty()),
                new Way("relay", SAME_HOST, true, ThisHost::new, Optional.of(Path.RELAY)),
                new Way("sockmap", SAME_HOST, false, OwnCgroup::make, Optional.of(Path.SOCKMAP)),
                new Way("no proxy (routed)", NETWORK, false, ThreeHosts::make, Optional.empty()),
                new Way("relay", NETWORK, false, ThreeHosts::make, Optional.of(Path.RELAY)),
                new Way("splice", NETWORK, false, ThreeHosts::make, Optional.of(Path.SPLICE)));
    }
}
