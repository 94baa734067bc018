package net.sniproxy.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How many received bytes the kernel keeps for a TCP socket of this host that is not read, from proc(5)'s net/tcp. */
final class ReceiveQueue {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int QUEUES = 4;

    private ReceiveQueue() {}

    /** Of the IPv4 socket with these ports; 0 if there is none. */
    static long bytes(int localPort, int remotePort) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/net/tcp"))) {
            return lines.skip(1)
                    .map(line -> line.trim().split("\\s+"))
                    .filter(fields -> port(fields[LOCAL]) == localPort && port(fields[REMOTE]) == remotePort)
                    .mapToLong(fields -> Long.parseLong(fields[QUEUES].split(":")[1], 16))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.split(":")[1], 16);
    }
}
