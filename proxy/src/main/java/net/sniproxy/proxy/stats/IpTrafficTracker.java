package net.sniproxy.proxy.stats;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.proxy.config.TrackingConfig;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.files.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections and bytes by client address, {@code ip_traffic_tracking}. What is kept for the next start is of connections that
 * have ended; the report has those that are open too. Clients that {@code ip_whitelist} turns away are
 * not tracked. Thread-safe; {@link #save} and {@link #restore} block.
 */
final class IpTrafficTracker implements ConnectionObserver, Saved {
    private static final Logger LOG = LoggerFactory.getLogger(IpTrafficTracker.class);

    private final LruTable<String, IpTraffic> table;
    private final Optional<Path> report;
    private final Optional<Path> persistence;
    private final TrafficLedger ledger;
    private long savedChanges;
    private Map<String, Volume> savedOpen = Map.of();

    /** @param ledger knows the open connections */
    IpTrafficTracker(TrackingConfig.IpTraffic config, TrafficLedger ledger) {
        this.ledger = ledger;
        this.table = new LruTable<>(config.maxTrackedIps());
        this.report = config.outputFile();
        this.persistence = config.persistenceFile();
    }

    @Override
    public void on(ConnectionEvent event) {
        if (!(event instanceof Closed closed) || closed.ending() == Ending.SOURCE_DENIED) {
            return;
        }
        String ip = ip(closed.client());
        Instant now = closed.connection().acceptedAt().plus(closed.duration()).truncatedTo(ChronoUnit.MILLIS);
        table.update(ip, IpTraffic.none(ip, now), traffic -> traffic.plus(closed.bytesUp(), closed.bytesDown(), now));
    }

    private static String ip(InetSocketAddress client) {
        InetAddress address = client.getAddress();
        return address == null ? client.getHostString() : NetUtil.toAddressString(address);
    }

    /** Takes over what an earlier process has saved. A file that cannot be read is set aside, never overwritten. */
    void restore() throws IOException {
        if (persistence.isEmpty() || !Files.exists(persistence.get())) {
            return;
        }
        Path file = persistence.get();
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is no file");
        }
        try {
            for (IpTraffic traffic : IpTrafficJson.parse(Files.readString(file))) {
                table.update(traffic.ip(), traffic, none -> traffic);
            }
        } catch (IOException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warn("{}: {}; set aside as {}, counting from zero", file, e.getMessage(), aside);
        }
    }

    @Override
    public void save() throws IOException {
        long changes = table.changes();
        Map<String, Volume> open = ledger.openBy(connection -> Optional.of(ip(connection.client())));
        if (changes == savedChanges && open.equals(savedOpen)) {
            return;
        }
        List<IpTraffic> traffic = table.snapshot();
        if (persistence.isPresent()) {
            AtomicFile.write(persistence.get(), IpTrafficJson.write(traffic));
        }
        if (report.isPresent()) {
            AtomicFile.write(report.get(), report(traffic, open));
        }
        savedChanges = changes;
        savedOpen = open;
    }

    /** A table for people, the busiest address first; open connections count too. */
    static String report(List<IpTraffic> ended, Map<String, Volume> open) {
        Map<String, IpTraffic> all = new HashMap<>();
        ended.forEach(ip -> all.put(ip.ip(), ip));
        open.forEach((ip, volume) -> all.merge(
                ip,
                IpTraffic.none(ip, Instant.now().truncatedTo(ChronoUnit.MILLIS)).plus(volume),
                (known, live) -> known.plus(volume)));
        Collection<IpTraffic> traffic = all.values();
        StringBuilder text = new StringBuilder();
        text.append("# Traffic by client address, the busiest first\n");
        text.append("# addresses: %d, connections: %d, bytes up: %d, bytes down: %d%n"
                .formatted(
                        traffic.size(),
                        traffic.stream().mapToLong(IpTraffic::connections).sum(),
                        traffic.stream().mapToLong(IpTraffic::bytesUp).sum(),
                        traffic.stream().mapToLong(IpTraffic::bytesDown).sum()));
        text.append(row("address", "connections", "bytes_up", "bytes_down", "last_seen", "open"));
        traffic.stream()
                .sorted(Comparator.comparingLong(IpTraffic::bytes).reversed().thenComparing(IpTraffic::ip))
                .map(ip -> row(
                        ip.ip(),
                        ip.connections(),
                        ip.bytesUp(),
                        ip.bytesDown(),
                        ip.lastSeen(),
                        open.getOrDefault(ip.ip(), Volume.NONE).open()))
                .forEach(text::append);
        return text.toString();
    }

    private static String row(Object ip, Object connections, Object up, Object down, Object last, Object open) {
        return "%-40s %12s %16s %16s  %-24s %8s%n".formatted(ip, connections, up, down, last, open);
    }
}
