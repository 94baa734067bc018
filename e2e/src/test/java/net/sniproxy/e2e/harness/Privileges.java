package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What processes may do: command lines that take it away, and what the kernel says of a running one. */
public final class Privileges {
    /** The user "nobody", and its group. */
    public static final int NOBODY = 65534;

    /** The capabilities that the whole proxy needs, as setpriv(1) and as /proc write them. */
    private static final String NEEDED = "+bpf,+net_admin,+perfmon,+net_bind_service";

    /** CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN and CAP_NET_BIND_SERVICE. */
    public static final long NEEDED_MASK = 1L << 39 | 1L << 38 | 1L << 12 | 1L << 10;

    private static final String IDS = Integer.toString(NOBODY);

    private Privileges() {}

    /** A prefix that takes everything from the command behind it: user, groups, capabilities, and the way back to them. */
    public static List<String> none() {
        return List.of(
                "setpriv",
                "--reuid=" + IDS,
                "--regid=" + IDS,
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs");
    }

    /** The same, but for the four capabilities that the proxy needs. */
    public static List<String> exactlyTheNeeded() {
        return List.of(
                "setpriv",
                "--reuid=" + IDS,
                "--regid=" + IDS,
                "--clear-groups",
                "--inh-caps=-all," + NEEDED,
                "--ambient-caps=-all," + NEEDED,
                "--bounding-set=-all," + NEEDED,
                "--no-new-privs");
    }

    /** A command line that is one prefix after the other. */
    public static List<String> chain(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    /** What /proc/PID/task/TID/status says of each thread of a process, key by key; nothing if one ended meanwhile. */
    public static List<Map<String, String>> ofThreads(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.map(thread -> status(thread.resolve("status"))).toList();
        } catch (IOException | UncheckedIOException threadEnded) {
            return List.of();
        }
    }

    private static Map<String, String> status(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            Map<String, String> status = new TreeMap<>();
            lines.map(line -> line.split(":", 2)).forEach(pair -> status.put(pair[0], pair[1].strip()));
            return status;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
