package net.sniproxy.bench.idle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Memory for an idle connection, of the proxy's process and of the kernel: opens many through each proxy, sees the back end's
 * greeting come through each, and compares before and after. Prints a Markdown table.
 *
 * <p>Usage: {@code java … IdleMemory COUNT BACKEND_PORT NAME=PORT=PID…}. Without a PID: no proxy. The back end is this program's own.
 */
public final class IdleMemory {
    private static final int KIB = 1024;

    /** What is measured: a way to the back end. */
    private record Way(String name, int port, List<ProcessHandle> processes) {
        static Way parse(String text) {
            String[] parts = text.split("=");
            List<ProcessHandle> processes = parts.length < 3
                    ? List.of()
                    : List.of(ProcessHandle.of(Long.parseLong(parts[2])).orElseThrow());
            return new Way(parts[0], Integer.parseInt(parts[1]), processes);
        }
    }

    /** Resident memory of a proxy's processes, and what the kernel holds in slabs for everybody; KiB. */
    private record Memory(long resident, long slab) {
        static Memory of(Way way) throws IOException {
            long resident = 0;
            for (ProcessHandle parent : way.processes()) {
                resident += resident(parent);
                for (ProcessHandle child : parent.descendants().toList()) {
                    resident += resident(child);
                }
            }
            return new Memory(resident, field(Path.of("/proc/meminfo"), "Slab:"));
        }

        private static long resident(ProcessHandle process) throws IOException {
            return field(Path.of("/proc", Long.toString(process.pid()), "status"), "VmRSS:");
        }

        private static long field(Path file, String name) throws IOException {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow(() -> new IOException(file + " has no " + name));
        }
    }

    private IdleMemory() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int count = Integer.parseInt(arguments[0]);
        try (IdleConnections connections = new IdleConnections(Integer.parseInt(arguments[1]))) {
            System.out.printf(
                    Locale.ROOT,
                    "%,d idle connections on this host. *Process*: growth of the proxy's resident memory; *kernel*: growth of all"
                            + " slabs of the machine, the ends' sockets included.%n%n",
                    count);
            System.out.println("| | process at rest MB | process KB/connection | kernel KB/connection |");
            System.out.println("|---|---|---|---|");
            for (String argument : List.of(arguments).subList(2, arguments.length)) {
                measure(Way.parse(argument), count, connections);
            }
        }
    }

    private static void measure(Way way, int count, IdleConnections connections)
            throws IOException, InterruptedException {
        // What the first ones make a process load does not belong to the many.
        connections.open(way.port(), Math.max(1, count / 20));
        connections.closeAll();
        Memory before = Memory.of(way);
        connections.open(way.port(), count);
        Memory after = Memory.of(way);
        connections.closeAll();
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.2f | %.2f |%n",
                way.name(),
                before.resident() / (double) KIB,
                (after.resident() - before.resident()) / (double) count,
                (after.slab() - before.slab()) / (double) count);
    }
}
