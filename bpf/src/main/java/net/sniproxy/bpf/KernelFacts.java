package net.sniproxy.bpf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * What the kernel tells about itself in /proc, /sys and /boot. A file that is missing or cannot be read is an empty
 * answer, since these facts serve to explain errors and must not add one. Immutable; the files are read on each call.
 */
public final class KernelFacts {
    private static final int GZIP_MAGIC_FIRST = 0x1f;
    private static final long AT_PAGESZ = 6;

    private final Path root;

    /** @param root where /proc, /sys and /boot are: "/", or a directory of a test */
    public KernelFacts(Path root) {
        this.root = root;
    }

    /** The facts of the running kernel. */
    public static KernelFacts running() {
        return new KernelFacts(Path.of("/"));
    }

    /** What {@code uname -r} prints. */
    public Optional<String> release() {
        return line("proc/sys/kernel/osrelease");
    }

    /** The version in {@link #release}. */
    public Optional<KernelVersion> version() {
        return release().map(KernelVersion::parse);
    }

    /** 0 everyone may call bpf(2), 1 and 2 only the privileged; 1 stays until reboot. */
    public Optional<String> unprivilegedBpfDisabled() {
        return line("proc/sys/kernel/unprivileged_bpf_disabled");
    }

    /** The lockdown mode in force ({@code none}, {@code integrity}, {@code confidentiality}). */
    public Optional<String> lockdown() {
        return line("sys/kernel/security/lockdown").flatMap(KernelFacts::selected);
    }

    /** The soft limit of locked memory ({@code unlimited} or a number of bytes) of this process. */
    public Optional<String> lockedMemoryLimit() {
        return limit("Max locked memory").map(Limit::soft);
    }

    /** How many files this process may have open. */
    public Optional<Limit> openFilesLimit() {
        return limit("Max open files");
    }

    private Optional<Limit> limit(String name) {
        return lines("proc/self/limits").stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+"))
                .filter(values -> values.length >= 2)
                .map(values -> new Limit(values[0], values[1]))
                .findFirst();
    }

    /**
     * A limit of getrlimit(2), as /proc prints it: {@code unlimited} or a number.
     *
     * @param soft in force
     * @param hard to which the process itself may raise it
     */
    public record Limit(String soft, String hard) {}

    /** The effective capabilities of this process, as far as {@link Capability} knows them. */
    public Optional<Set<Capability>> capabilities() {
        return status("CapEff:").map(mask -> Capability.ofMask(Long.parseUnsignedLong(mask, 16)));
    }

    /** Whether a seccomp filter decides which system calls this process may make, as in most containers. */
    public boolean hasSeccompFilter() {
        return status("Seccomp:").filter("2"::equals).isPresent();
    }

    /** The id of the user that this process acts as; 0 is root. */
    public Optional<Integer> effectiveUser() {
        return status("Uid:").map(ids -> Integer.valueOf(ids.split("\\s+")[1]));
    }

    private Optional<String> status(String key) {
        return lines("proc/self/status").stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).strip())
                .findFirst();
    }

    /** Whether programs become machine code: 0 no, 1 yes, 2 yes and with traces for debugging. Often for root only. */
    public Optional<String> jit() {
        return line("proc/sys/net/core/bpf_jit_enable");
    }

    /** Whether the kernel publishes its types, which programs that look into it need. Linux 5.4. */
    public boolean publishesTypes() {
        return Files.isReadable(root.resolve("sys/kernel/btf/vmlinux"));
    }

    /** The lowest port that needs no privilege. */
    public Optional<Integer> firstUnprivilegedPort() {
        return line("proc/sys/net/ipv4/ip_unprivileged_port_start").map(Integer::valueOf);
    }

    /**
     * How many CPUs this kernel can ever have: the number of values that a per-CPU map copies, one for each
     * <em>possible</em> CPU, of which fewer may be online.
     *
     * @throws IllegalStateException if the kernel does not tell, since a wrong number would overrun a buffer
     */
    public int possibleCpus() {
        return line("sys/devices/system/cpu/possible")
                .map(KernelFacts::countCpus)
                .orElseThrow(() -> new IllegalStateException("cannot read /sys/devices/system/cpu/possible"));
    }

    /**
     * Bytes of a page of memory: 4096 on x86_64, 4096 to 65536 on aarch64.
     *
     * @throws IllegalStateException if the kernel does not tell, since a wrong size would map the wrong memory
     */
    public long pageSize() {
        return pageSizeOfAuxiliaryVector()
                .or(this::pageSizeOfMemory)
                .orElseThrow(() -> new IllegalStateException(
                        "neither /proc/self/auxv nor /proc/self/statm tells the size of a page"));
    }

    private Optional<Long> pageSizeOfAuxiliaryVector() {
        try {
            ByteBuffer auxiliary = ByteBuffer.wrap(Files.readAllBytes(root.resolve("proc/self/auxv")))
                    .order(ByteOrder.nativeOrder());
            while (auxiliary.remaining() >= 2 * Long.BYTES) {
                long type = auxiliary.getLong();
                long value = auxiliary.getLong();
                if (type == AT_PAGESZ) {
                    return Optional.of(value);
                }
            }
        } catch (IOException unreadable) {
            // For a program with capabilities of its file (setcap) the kernel keeps it from its own user.
        }
        return Optional.empty();
    }

    /** The memory of this process in bytes over the same in pages, to the next power of two: it may grow in between. */
    private Optional<Long> pageSizeOfMemory() {
        Optional<Double> pages = line("proc/self/statm").map(sizes -> Double.valueOf(sizes.split(" ")[0]));
        Optional<Double> bytes = status("VmSize:").map(size -> 1024 * Double.parseDouble(size.split(" ")[0]));
        return bytes.flatMap(all -> pages.map(count -> 1L << Math.round(Math.log(all / count) / Math.log(2))));
    }

    /**
     * The value of a build option: {@code y}, {@code m}, a text, or {@code n} if the configuration does not set it.
     *
     * @param option with its CONFIG_
     * @return empty if the configuration of this kernel is in neither /proc/config.gz nor /boot
     */
    public Optional<String> option(String option) {
        return configuration().map(options -> options.getOrDefault(option, "n"));
    }

    /** Whether this process may make files in a directory; no if it is not there. */
    public boolean mayWrite(Path directory) {
        return Files.isWritable(root.resolve(Path.of("/").relativize(directory)));
    }

    /** Whether a directory is there. */
    public boolean isDirectory(Path directory) {
        return Files.isDirectory(root.resolve(Path.of("/").relativize(directory)));
    }

    /** Where file systems of a type ({@code bpf}, {@code cgroup2}) are mounted, in the order of mounting. */
    public List<Path> mounts(String type) {
        return lines("proc/self/mounts").stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 2 && fields[2].equals(type))
                .map(fields -> Path.of(fields[1].replace("\\040", " ")))
                .toList();
    }

    private Optional<Map<String, String>> configuration() {
        Path boot = root.resolve("boot/config-" + release().orElse(""));
        for (Path file : List.of(root.resolve("proc/config.gz"), boot)) {
            if (Files.isReadable(file) && !Files.isDirectory(file)) {
                try {
                    return Optional.of(readConfiguration(file));
                } catch (IOException unreadable) {
                    // The next file may be better; without one the options are unknown.
                }
            }
        }
        return Optional.empty();
    }

    private static Map<String, String> readConfiguration(Path file) throws IOException {
        Map<String, String> options = new HashMap<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(decompressed(file), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                int equals = line.indexOf('=');
                if (line.startsWith("CONFIG_") && equals > 0) {
                    options.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
        }
        return options;
    }

    private static InputStream decompressed(Path file) throws IOException {
        boolean compressed;
        try (InputStream start = Files.newInputStream(file)) {
            compressed = start.read() == GZIP_MAGIC_FIRST;
        }
        InputStream bytes = Files.newInputStream(file);
        return compressed ? new GZIPInputStream(bytes) : bytes;
    }

    /** Counts a list such as {@code 0-3,8,10-11}. */
    static int countCpus(String list) {
        int count = 0;
        for (String range : list.strip().split(",")) {
            int dash = range.indexOf('-');
            count += dash < 0
                    ? 1
                    : Integer.parseInt(range.substring(dash + 1)) - Integer.parseInt(range.substring(0, dash)) + 1;
        }
        return count;
    }

    /** The bracketed word of a line such as {@code [none] integrity confidentiality}. */
    private static Optional<String> selected(String line) {
        int open = line.indexOf('[');
        int close = line.indexOf(']', open + 1);
        return open < 0 || close < 0 ? Optional.empty() : Optional.of(line.substring(open + 1, close));
    }

    private Optional<String> line(String file) {
        return lines(file).stream().findFirst().map(String::strip);
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (IOException missing) {
            return List.of();
        }
    }
}
