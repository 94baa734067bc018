package net.sniproxy.proxy.stats;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.files.AtomicFile;
import net.sniproxy.proxy.logging.Escape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which addresses each name was connected to, {@code domain_ip_tracking}. The file has one line for each pair, its
 * fields separated by tabs: name, address ({@code socks5} where a SOCKS5 server resolved the name), connections that have ended,
 * first and last time, bytes up and down of these, and then the same of the connections that are open: how many, bytes up, bytes
 * down. It is read again at the next start, without the last three; five fields are enough.
 *
 * <p>Thread-safe; {@link #save} and {@link #restore} block.
 */
final class DomainIpTracker implements ConnectionObserver, Saved {
    private static final Logger LOG = LoggerFactory.getLogger(DomainIpTracker.class);
    /** A route {@code *} lets clients choose the names, so there is an end to them. */
    private static final int MAX_PAIRS = 100_000;

    private static final String HEADER = "# name\taddress\tconnections\tfirst_seen\tlast_seen"
            + "\tbytes_up\tbytes_down\topen\topen_bytes_up\topen_bytes_down\n";
    private static final String VIA_SOCKS5 = "socks5";
    private static final int LEAST_FIELDS = 5;
    private static final int FIELDS_WITH_BYTES = 7;

    private final LruTable<Key, Pair> table = new LruTable<>(MAX_PAIRS);
    private final Optional<Path> file;
    private final Predicate<InetSocketAddress> socks5Server;
    private final TrafficLedger ledger;
    private long savedChanges;
    private Map<Key, Volume> savedOpen = Map.of();

    private record Key(String name, String address) {}

    private record Pair(Key key, Volume ended, Instant firstSeen, Instant lastSeen) {
        Pair plus(Volume more, Instant now) {
            return new Pair(key, ended.plus(more), firstSeen, now);
        }

        String line(Volume open) {
            return Stream.of(
                            key.name(),
                            key.address(),
                            ended.connections(),
                            firstSeen,
                            lastSeen,
                            ended.bytesUp(),
                            ended.bytesDown(),
                            open.open(),
                            open.bytesUp(),
                            open.bytesDown())
                    .map(Object::toString)
                    .collect(Collectors.joining("\t", "", "\n"));
        }
    }

    /**
     * Makes an empty one.
     *
     * @param file where it is saved
     * @param socks5Server whether an address is that of the SOCKS5 server
     * @param ledger knows the open connections
     */
    DomainIpTracker(Optional<Path> file, Predicate<InetSocketAddress> socks5Server, TrafficLedger ledger) {
        this.ledger = ledger;
        this.file = file;
        this.socks5Server = socks5Server;
    }

    @Override
    public void on(ConnectionEvent event) {
        if (event instanceof Closed closed) {
            key(closed.name(), closed.upstream()).ifPresent(key -> {
                Instant now =
                        closed.connection().acceptedAt().plus(closed.duration()).truncatedTo(ChronoUnit.MILLIS);
                Volume more = Volume.ofEnded(closed.bytes());
                table.update(key, new Pair(key, Volume.NONE, now, now), pair -> pair.plus(more, now));
            });
        }
    }

    private Optional<Key> key(Optional<String> name, Optional<SocketAddress> upstream) {
        return name.flatMap(text -> upstream.map(there -> new Key(Escape.controls(text), address(there))));
    }

    private String address(SocketAddress upstream) {
        if (!(upstream instanceof InetSocketAddress inet)) {
            return Escape.controls("unix:" + upstream);
        }
        if (socks5Server.test(inet)) {
            return VIA_SOCKS5;
        }
        InetAddress address = inet.getAddress();
        return address == null ? inet.getHostString() : NetUtil.toAddressString(address);
    }

    /** Takes over what an earlier process has saved; lines that make no sense are left out, with a warning. */
    void restore() throws IOException {
        if (file.isEmpty() || !Files.exists(file.get())) {
            return;
        }
        int bad = 0;
        // Bytes that are no UTF-8 spoil their line only.
        for (String line : new String(Files.readAllBytes(file.get()), StandardCharsets.UTF_8).split("\\R")) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Optional<Pair> pair = parse(line);
            pair.ifPresent(known -> table.update(known.key(), known, none -> known));
            bad += pair.isPresent() ? 0 : 1;
        }
        if (bad > 0) {
            LOG.warn("{}: {} lines are not understood and left out", file.get(), bad);
        }
    }

    private static Optional<Pair> parse(String line) {
        String[] fields = line.split("\t");
        if (fields.length < LEAST_FIELDS) {
            return Optional.empty();
        }
        try {
            boolean bytes = fields.length >= FIELDS_WITH_BYTES;
            return Optional.of(new Pair(
                    new Key(fields[0], fields[1]),
                    new Volume(
                            0,
                            Long.parseLong(fields[2]),
                            bytes ? Long.parseLong(fields[5]) : 0,
                            bytes ? Long.parseLong(fields[6]) : 0),
                    Instant.parse(fields[3]),
                    Instant.parse(fields[4])));
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public void save() throws IOException {
        long changes = table.changes();
        Map<Key, Volume> open = ledger.openBy(connection -> key(connection.name(), connection.upstream()));
        if (file.isEmpty() || changes == savedChanges && open.equals(savedOpen)) {
            return;
        }
        Map<Key, Pair> all = new HashMap<>();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        open.keySet().forEach(key -> all.put(key, new Pair(key, Volume.NONE, now, now)));
        table.snapshot().forEach(pair -> all.put(pair.key(), pair));
        Comparator<Pair> byName = Comparator.comparing(pair -> pair.key().name());
        AtomicFile.write(
                file.get(),
                all.values().stream()
                        .sorted(byName.thenComparing(pair -> pair.key().address()))
                        .map(pair -> pair.line(open.getOrDefault(pair.key(), Volume.NONE)))
                        .collect(Collectors.joining("", HEADER, "")));
        savedChanges = changes;
        savedOpen = open;
    }
}
