package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What {@code /proc} says of one process; each call reads afresh. */
public record ProcFs(long pid) {
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    private static final String LISTEN = "0A";

    /** Resident memory in bytes. */
    public long residentBytes() {
        return status("VmRSS") * 1024;
    }

    /** Threads of the process. */
    public long threads() {
        return status("Threads");
    }

    /** Open descriptors. */
    public int descriptors() {
        return links().size();
    }

    /** Open sockets. */
    public int sockets() {
        return socketInodes().size();
    }

    /** Processor time used so far, user and system, in clock ticks (100 a second on every Linux that Java runs on). */
    public long processorTicks() {
        String stat = read(process("stat"));
        // The command name may hold spaces and brackets: fields are counted from the last bracket.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /** The TCP ports on which this very process listens, IPv4 and IPv6, in its own network namespace. */
    public Set<Integer> listeningPorts() {
        Set<String> own = socketInodes();
        Set<Integer> ports = new HashSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : read(process(table)).split("\n")) {
                String[] fields = line.trim().split("\\s+");
                if (fields.length > 9 && fields[3].equals(LISTEN) && own.contains(fields[9])) {
                    ports.add(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    /** Bytes of kernel memory that all TCP sockets of this process's network namespace hold. */
    public long tcpMemoryBytes() {
        Matcher pages = Pattern.compile("TCP: .* mem (\\d+)").matcher(read(process("net/sockstat")));
        if (!pages.find()) {
            throw new AssertionError("no TCP memory in /proc/net/sockstat");
        }
        return Long.parseLong(pages.group(1)) * 4096;
    }

    /** Bytes of the kernel's own objects on the whole host, without those that it can drop at any time. */
    public static long slabBytes() {
        Matcher kilobytes = Pattern.compile("SUnreclaim:\\s+(\\d+) kB").matcher(read(Path.of("/proc/meminfo")));
        if (!kilobytes.find()) {
            throw new AssertionError("no SUnreclaim in /proc/meminfo");
        }
        return Long.parseLong(kilobytes.group(1)) * 1024;
    }

    private Set<String> socketInodes() {
        Set<String> inodes = new HashSet<>();
        for (String link : links()) {
            Matcher socket = SOCKET.matcher(link);
            if (socket.matches()) {
                inodes.add(socket.group(1));
            }
        }
        return inodes;
    }

    private List<String> links() {
        try (Stream<Path> all = Files.list(process("fd"))) {
            return all.flatMap(ProcFs::target).toList();
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    private static Stream<String> target(Path link) {
        try {
            return Stream.of(Files.readSymbolicLink(link).toString());
        } catch (IOException e) {
            // Closed since the directory was read.
            return Stream.empty();
        }
    }

    private long status(String key) {
        Matcher value = Pattern.compile("(?m)^" + key + ":\\s+(\\d+)").matcher(read(process("status")));
        if (!value.find()) {
            throw new AssertionError("no " + key + " in the status of process " + pid);
        }
        return Long.parseLong(value.group(1));
    }

    private Path process(String entry) {
        return Path.of("/proc", Long.toString(pid), entry);
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** A process may end before its file is opened, or between that and reading it: the errors differ. */
    private static AssertionError unreadable(Exception e) {
        return new AssertionError("the process is gone, or cannot be read: " + e.getMessage(), e);
    }
}
