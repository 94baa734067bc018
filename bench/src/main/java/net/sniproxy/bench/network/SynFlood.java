package net.sniproxy.bench.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.proxy.admin.AdminClient;
import net.sniproxy.proxy.admin.AdminException;
import net.sniproxy.proxy.filter.xdp.DropReason;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client notices of a SYN flood from many sources, with the source filter and without, in turns: a table on standard
 * output. What the driver does with the flood is done on the core that makes it; what it lets through is for the core that does
 * all else.
 *
 * <p>Usage: {@code java … SynFlood CORE FLOOD-CORE ROUNDS SYNS-A-SECOND full|short}. Needs root and taskset.
 */
public final class SynFlood implements AutoCloseable {
    private static final int SOURCES = 50;
    /** SYNs that the filter lets each source have in a second: more than the client needs. */
    private static final int LIMIT = 50;

    private static final int BYTES = 100;
    /** Milliseconds between two connections; keeps the client below {@link #LIMIT}. */
    private static final int PAUSE = 25;

    private static final int START_ATTEMPTS = 300;
    private static final long START_PAUSE = 200;

    private static final String CONFIG = """
            {"listen_addr": "%s:%d", "deny_private_upstreams": false, "access_log": {"file": "%s"}, "admin_socket": "%s",
             "ebpf": {"enabled": true, "sockmap": {"enabled": false},
                      "xdp": {"enabled": %s, "interfaces": ["to-clients"], "syn_rate_per_source": %d}},
             "routes": [{"match": "%s", "upstream": "%s:%d"}]}
            """;

    /**
     * How much is done for each figure.
     *
     * @param exchanges round trips over an open connection
     * @param visits new connections
     */
    private record Effort(int exchanges, int visits) {
        static final Effort FULL = new Effort(5_000, 100);
        /** Shows that everything runs; its figures mean little. */
        static final Effort SHORT = new Effort(200, 10);
    }

    private final int floodCore;
    private final int rate;
    private final Effort effort;
    private final Path directory;
    private final Hosts hosts;
    private final String macAddress;
    private final Ends ends;
    private final Map<FloodRow, List<FloodFigures>> rows = new EnumMap<>(FloodRow.class);
    private String mode = "";

    private SynFlood(int core, int floodCore, int rate, Effort effort, Path directory) throws IOException {
        this.floodCore = floodCore;
        this.rate = rate;
        this.effort = effort;
        this.directory = directory;
        hosts = new Hosts(core);
        hosts.closeAtExit();
        hosts.addSilentSources();
        hosts.receiveOnTheCore();
        macAddress = hosts.receiveLikeADriver();
        ends = new Ends(hosts);
    }

    public static void main(String[] arguments) throws IOException {
        int rounds = Integer.parseInt(arguments[2]);
        try (Workplace workplace = new Workplace();
                SynFlood run = new SynFlood(
                        Integer.parseInt(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[3]),
                        arguments[4].equals("short") ? Effort.SHORT : Effort.FULL,
                        workplace.directory())) {
            for (int round = 0; round < rounds; round++) {
                // Neither is always the first.
                run.measure(round % 2 == 0);
                run.measure(round % 2 != 0);
            }
            run.print(rounds);
        }
    }

    private void print(int rounds) {
        System.out.print(FloodFigures.HEADER);
        rows.forEach((row, rounded) -> System.out.println(FloodFigures.line(row.label(), rounded)));
        System.out.printf(
                "%nMedians of %d rounds in turns, microseconds, the 99th percentiles with the least and the greatest; %,d SYNs/s from"
                        + " %d sources; the filter in %s mode.%n",
                rounds, rate, SOURCES, mode);
    }

    private void measure(boolean filtered) throws IOException {
        Path socket = directory.resolve("admin");
        Files.deleteIfExists(socket);
        Process proxy = hosts.start("proxy", proxy(filtered, socket));
        try {
            awaitStart(proxy, socket);
            // What the virtual machine compiles as it runs, it compiles now.
            client(0, 0);
            add(filtered ? FloodRow.QUIET_FILTERED : FloodRow.QUIET, client(0, 0));
            add(filtered ? FloodRow.FLOODED_FILTERED : FloodRow.FLOODED, flooded(filtered, socket));
        } finally {
            Shell.stop(proxy);
        }
    }

    private void add(FloodRow row, FloodFigures figures) {
        rows.computeIfAbsent(row, _ -> new ArrayList<>()).add(figures);
        System.err.println(FloodFigures.line(row.label(), List.of(figures)));
    }

    private FloodFigures flooded(boolean filtered, Path socket) throws IOException {
        long before = filtered ? dropped(socket) : 0;
        Process flooding = hosts.start("clients", floodCore, flood());
        try {
            flooding.inputReader().readLine();
            FloodFigures seen = client(0, 0);
            flooding.getOutputStream().close();
            String sent = flooding.inputReader().readLine();
            if (sent == null) {
                throw new IOException("the flood ended early");
            }
            String[] numbers = sent.split(" ");
            double share = filtered ? (double) (dropped(socket) - before) / Long.parseLong(numbers[0]) : 0;
            return seen.under(Long.parseLong(numbers[0]) * 1e9 / Long.parseLong(numbers[1]), share);
        } finally {
            Shell.stop(flooding);
        }
    }

    private List<String> flood() {
        return java(
                FloodSender.class.getName(),
                "to-proxy",
                macAddress,
                Hosts.PROXY,
                Integer.toString(Wire.PORT),
                Hosts.SILENT,
                Integer.toString(SOURCES),
                Integer.toString(rate));
    }

    private List<String> proxy(boolean filtered, Path socket) throws IOException {
        String text = CONFIG.formatted(
                Hosts.PROXY,
                Wire.PORT,
                directory.resolve("access.log"),
                socket,
                filtered,
                LIMIT,
                Wire.NAME,
                Hosts.BACK_END,
                Wire.PORT);
        Path file = Files.writeString(directory.resolve("own.json"), text);
        return java("net.sniproxy.app.Main", "run", "-c", file.toString());
    }

    private static List<String> java(String... program) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(program));
        return command;
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

    private FloodFigures client(double floodRate, double dropped) throws IOException {
        long[] exchanges = ends.ask("exchanges", Hosts.PROXY, BYTES, effort.exchanges());
        long[] visits = ends.ask("visits", Hosts.PROXY, PAUSE, effort.visits());
        return FloodFigures.of(exchanges, visits).under(floodRate, dropped);
    }

    private long dropped(Path socket) throws IOException {
        try {
            JsonNode status = AdminClient.of(Optional.of(socket))
                    .ask("filter.status", JsonMapper.shared().createObjectNode());
            mode = status.path("interfaces").path("to-clients").asString("unknown");
            return status.path("dropped").path(DropReason.SYN_RATE.label()).asLong();
        } catch (AdminException e) {
            throw new IOException("the proxy does not tell its drops: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        ends.close();
        hosts.close();
    }
}
