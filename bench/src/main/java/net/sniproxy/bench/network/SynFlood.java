package net.sniproxy.bench.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.sniproxy.proxy.admin.AdminClient;
import net.sniproxy.proxy.admin.AdminException;
import net.sniproxy.proxy.filter.xdp.DropReason;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client notices of a SYN flood from many sources, with the source filter and without: a table on standard output.
 * Only the making of the flood has a core of its own: what the driver lets through is for the core that does all else.
 *
 * <p>Usage: {@code java … SynFlood CORE FLOOD-CORE FLOOD.py}. Needs root, python3 and taskset.
 */
public final class SynFlood implements AutoCloseable {
    private static final int SOURCES = 50;
    private static final int SYNS_PER_SECOND = 40_000;
    /** SYNs that the filter lets each source have in a second: more than the client needs. */
    private static final int LIMIT = 250;

    private static final int BYTES = 100;
    private static final int TRIPS = 5_000;
    private static final int VISITS = 400;
    /** Milliseconds; keeps the client below {@link #LIMIT}. */
    private static final int PAUSE = 5;

    private static final double NANOS_PER_MICRO = 1e3;
    private static final int START_ATTEMPTS = 300;
    private static final long START_PAUSE = 200;

    private static final String CONFIG = """
            {"listen_addr": "%s:%d", "deny_private_upstreams": false, "access_log": {"file": "%s"}, "admin_socket": "%s",
             "ebpf": {"enabled": true, "sockmap": {"enabled": false},
                      "xdp": {"enabled": %s, "interfaces": ["to-clients"], "syn_rate_per_source": %d}},
             "routes": [{"match": "%s", "upstream": "%s:%d"}]}
            """;

    private final int floodCore;
    private final Path flood;
    private final Path directory;
    private final Hosts hosts;
    private final Ends ends;

    private SynFlood(int core, int floodCore, Path flood, Path directory) throws IOException {
        this.floodCore = floodCore;
        this.flood = flood;
        this.directory = directory;
        hosts = new Hosts(core);
        // A run that is interrupted leaves nothing behind either.
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtExit));
        hosts.addSilentSources();
        hosts.receiveOnTheCore();
        ends = new Ends(hosts);
    }

    public static void main(String[] arguments) throws IOException {
        try (Workplace workplace = new Workplace();
                SynFlood run = new SynFlood(
                        Integer.parseInt(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        Path.of(arguments[2]),
                        workplace.directory())) {
            System.out.println("""
                    | | SYNs/s | of them dropped | round trip p50 | p99 | new connection p50 | p99 |
                    |---|---|---|---|---|---|---|""");
            run.measure("without the filter", false);
            run.measure("with the filter", true);
        }
    }

    private void measure(String name, boolean filtered) throws IOException {
        Path socket = directory.resolve("admin-" + filtered);
        Process proxy = hosts.start("proxy", proxy(filtered, socket));
        try {
            awaitStart(proxy, socket);
            // What the virtual machine compiles as it runs, it compiles now.
            client();
            System.out.printf("| no flood, %s | 0 | | %s |%n", name, client());
            long before = filtered ? dropped(socket) : 0;
            Process flooding = hosts.start(
                    "clients",
                    floodCore,
                    List.of(
                            "python3",
                            flood.toString(),
                            Hosts.PROXY,
                            Integer.toString(Wire.PORT),
                            Integer.toString(SOURCES),
                            Integer.toString(SYNS_PER_SECOND)));
            long start = System.nanoTime();
            String seen = client();
            long sent = end(flooding);
            double seconds = (System.nanoTime() - start) / 1e9;
            double share = filtered ? 100.0 * (dropped(socket) - before) / sent : 0;
            System.out.printf(Locale.ROOT, "| flood, %s | %,.0f | %.0f %% | %s |%n", name, sent / seconds, share, seen);
        } finally {
            Shell.stop(proxy);
        }
    }

    private static long end(Process flooding) throws IOException {
        flooding.getOutputStream().close();
        String sent = flooding.inputReader().readLine();
        if (sent == null) {
            throw new IOException("the flood ended early");
        }
        return Long.parseLong(sent);
    }

    private List<String> proxy(boolean filtered, Path socket) throws IOException {
        Path log = directory.resolve("access-" + filtered + ".log");
        String text = CONFIG.formatted(
                Hosts.PROXY, Wire.PORT, log, socket, filtered, LIMIT, Wire.NAME, Hosts.BACK_END, Wire.PORT);
        Path file = Files.writeString(directory.resolve("own-" + filtered + ".json"), text);
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "net.sniproxy.app.Main",
                "run",
                "-c",
                file.toString());
    }

    private static void awaitStart(Process proxy, Path socket) throws IOException {
        for (int i = 0; i < START_ATTEMPTS; i++) {
            if (!proxy.isAlive()) {
                throw new IOException("the proxy ended with " + proxy.exitValue());
            }
            if (Files.exists(socket)) {
                return;
            }
            try {
                Thread.sleep(START_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        throw new IOException("the proxy does not start");
    }

    /** Round trips over an open connection, then new connections: median and 99th percentile of each, µs, as cells. */
    private String client() throws IOException {
        long[] trips = ends.ask("trips", Hosts.PROXY, BYTES, TRIPS);
        long[] visits = ends.ask("visits", Hosts.PROXY, PAUSE, VISITS);
        return String.format(
                Locale.ROOT,
                "%.1f | %.1f | %.0f | %.0f",
                trips[0] / NANOS_PER_MICRO,
                trips[1] / NANOS_PER_MICRO,
                visits[0] / NANOS_PER_MICRO,
                visits[1] / NANOS_PER_MICRO);
    }

    private static long dropped(Path socket) throws IOException {
        try {
            return AdminClient.of(Optional.of(socket))
                    .ask("filter.status", JsonMapper.shared().createObjectNode())
                    .path("dropped")
                    .path(DropReason.SYN_RATE.label())
                    .asLong();
        } catch (AdminException e) {
            throw new IOException("the proxy does not tell its drops: " + e.getMessage(), e);
        }
    }

    private void closeAtExit() {
        try {
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
            hosts.close();
        } catch (IOException e) {
            System.err.println("not everything could be removed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        ends.close();
        hosts.close();
    }
}
