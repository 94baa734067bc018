package net.sniproxy.bench.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs all contenders in turns and writes a report.
 *
 * <p>Usage: {@code java … SideBySide CORE ROUNDS full|short REPORT.md CHART.svg LAUNCHER}. Needs root, haproxy, nginx with its stream module and
 * sniproxy; {@code scripts/bench-network.sh} installs them.
 */
public final class SideBySide implements AutoCloseable {
    private static final int SMALL = 100;
    private static final int LARGE = 16 << 10;
    private static final int PARALLEL = 64;
    private static final int CONNECT_TIMES = 3;

    private static final double NANOS_PER_MICRO = 1e3;
    private static final int START_ATTEMPTS = 300;
    private static final long START_PAUSE = 200;

    /**
     * How much is done for each figure.
     *
     * @param trips round trips of the small size
     * @param bulk bytes each way
     * @param connectMillis how long connections are opened at a time
     * @param warmUps how often round trips are made before they count
     * @param connectWarmUpMillis how long connections are opened before they count: Java's compiler, which shares the core, is done
     *     after about fifteen seconds
     */
    private record Effort(int trips, long bulk, int connectMillis, int warmUps, int connectWarmUpMillis) {
        static final Effort FULL = new Effort(5_000, 1L << 30, 1_500, 8, 20_000);
        /** Shows that everything runs; its figures mean little. */
        static final Effort SHORT = new Effort(200, 1L << 26, 200, 1, 200);
    }

    private final int core;
    private final Effort effort;
    private final Hosts hosts;
    private final Ends ends;

    private SideBySide(int core, Effort effort) throws IOException {
        this.core = core;
        this.effort = effort;
        hosts = new Hosts(core);
        hosts.closeAtExit();
        ends = new Ends(hosts);
    }

    public static void main(String[] arguments) throws IOException {
        int rounds = Integer.parseInt(arguments[1]);
        Effort effort = arguments[2].equals("short") ? Effort.SHORT : Effort.FULL;
        Map<Contender, Figures> results = new LinkedHashMap<>();
        try (Workplace workplace = new Workplace();
                SideBySide run = new SideBySide(Integer.parseInt(arguments[0]), effort)) {
            List<Contender> contenders = Contender.all(workplace.directory(), arguments[5]);
            for (int round = 0; round < rounds; round++) {
                for (Contender contender : contenders) {
                    Figures figures = run.measure(contender);
                    System.out.println(contender.name() + ": " + figures);
                    results.merge(contender, figures, Figures::best);
                }
            }
        }
        Report report = new Report(results);
        Files.writeString(Path.of(arguments[3]), report.markdown());
        Files.writeString(Path.of(arguments[4]), report.chart());
        System.out.println(report.markdown());
    }

    private Figures measure(Contender contender) throws IOException {
        if (contender.command().isEmpty()) {
            return figures(contender);
        }
        Process proxy = hosts.start("proxy", contender.command());
        try {
            awaitStart(contender, proxy);
            return figures(contender);
        } finally {
            Shell.stop(proxy);
        }
    }

    private void awaitStart(Contender contender, Process proxy) throws IOException {
        for (int i = 0; i < START_ATTEMPTS; i++) {
            if (!proxy.isAlive()) {
                throw new IOException(contender.name() + " ended with " + proxy.exitValue());
            }
            if (ask("connect", contender, 50, 1)[0] > 0) {
                return;
            }
            try {
                Thread.sleep(START_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        throw new IOException(contender.name() + " does not start");
    }

    private Figures figures(Contender contender) throws IOException {
        double firstConnections = connect(contender, effort.connectMillis());
        ask("down", contender, effort.bulk(), 1);
        for (int i = 0; i < effort.warmUps(); i++) {
            ask("trips", contender, SMALL, effort.trips());
        }
        long[] small = ask("trips", contender, SMALL, effort.trips());
        long[] large = ask("trips", contender, LARGE, effort.trips() / 2);
        double before = busySeconds();
        double down = effort.bulk() * 8.0 / ask("down", contender, effort.bulk(), 1)[0];
        double busy = busySeconds() - before;
        double up = effort.bulk() * 8.0 / ask("up", contender, effort.bulk(), 1)[0];
        // Last, because what thousands of ended connections leave to do would disturb the rest.
        double connections = connections(contender);
        return new Figures(
                small[0] / NANOS_PER_MICRO,
                small[1] / NANOS_PER_MICRO,
                large[0] / NANOS_PER_MICRO,
                large[1] / NANOS_PER_MICRO,
                down,
                up,
                busy * 1e9 / effort.bulk(),
                firstConnections,
                connections);
    }

    /** New connections a second by a warm proxy, the best of several times. */
    private double connections(Contender contender) throws IOException {
        connect(contender, effort.connectWarmUpMillis());
        double best = 0;
        for (int i = 0; i < CONNECT_TIMES; i++) {
            best = Math.max(best, connect(contender, effort.connectMillis()));
        }
        return best;
    }

    private double connect(Contender contender, int millis) throws IOException {
        return ask("connect", contender, millis, PARALLEL)[0];
    }

    private long[] ask(String what, Contender contender, long size, int count) throws IOException {
        return ends.ask(what, contender.host(), size, count);
    }

    /** Time that the core has spent on anything, interrupts too, since the machine has started. */
    private double busySeconds() throws IOException {
        String name = "cpu" + core + " ";
        String line = Files.readAllLines(Path.of("/proc/stat")).stream()
                .filter(candidate -> candidate.startsWith(name))
                .findFirst()
                .orElseThrow();
        String[] ticks = line.split(" ");
        // user nice system (idle iowait) irq softirq
        long busy = 0;
        for (int field : new int[] {1, 2, 3, 6, 7}) {
            busy += Long.parseLong(ticks[field]);
        }
        return busy / 100.0;
    }

    @Override
    public void close() throws IOException {
        ends.close();
        hosts.close();
    }
}
