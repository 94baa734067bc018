package net.sniproxy.proxy.datapath.splice;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.IntStream;

/** The local ports that the system gives to connections: ip_local_port_range without ip_local_reserved_ports. Immutable. */
final class EphemeralPorts {
    private static final Path SETTINGS = Path.of("/proc/sys/net/ipv4");
    /** The kernel's own default. */
    private static final String DEFAULT_RANGE = "32768 60999";

    private static final int LONGEST_SETTING = 1 << 16;

    private final int[] ports;

    /**
     * From the texts of the two settings.
     *
     * @param range two numbers
     * @param reserved numbers and ranges, separated by commas
     * @throws IllegalArgumentException if they are something else, or leave no port
     */
    EphemeralPorts(String range, String reserved) {
        String[] ends = range.strip().split("\\s+");
        BitSet kept = new BitSet();
        for (String part : reserved.strip().split(",")) {
            if (!part.isBlank()) {
                String[] bounds = part.strip().split("-");
                kept.set(Integer.parseInt(bounds[0]), Integer.parseInt(bounds[bounds.length - 1]) + 1);
            }
        }
        ports = IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                .filter(port -> !kept.get(port))
                .toArray();
        if (ports.length == 0) {
            throw new IllegalArgumentException("net.ipv4.ip_local_reserved_ports leaves no port of " + range);
        }
    }

    /** Those of this network namespace. */
    static EphemeralPorts ofSystem() {
        return new EphemeralPorts(read("ip_local_port_range", DEFAULT_RANGE), read("ip_local_reserved_ports", ""));
    }

    private static String read(String setting, String otherwise) {
        try (InputStream file = Files.newInputStream(SETTINGS.resolve(setting))) {
            // A setting answers one read only, from its beginning: Files.readString would get its first character.
            byte[] bytes = new byte[LONGEST_SETTING];
            int length = Math.max(0, file.read(bytes));
            return new String(bytes, 0, length, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return otherwise;
        }
    }

    int count() {
        return ports.length;
    }

    /** @param index 0 to {@link #count} - 1 */
    int at(int index) {
        return ports[index];
    }
}
