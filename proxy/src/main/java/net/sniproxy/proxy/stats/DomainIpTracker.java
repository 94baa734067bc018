package net.sniproxy.proxy.stats;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.logging.Escape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which addresses each name was connected to, {@code domain_ip_tracking}. The file has one line for each pair, five
 * fields separated by tabs: name, address ({@code socks5} where a SOCKS5 server resolved the name), connections, first and
 * last time. It is read again at the next start.
 *
 * <p>Thread-safe; {@link #save} and {@link #restore} block.
 */
final class DomainIpTracker implements ConnectionObserver, Saved {
    private static final Logger LOG = LoggerFactory.getLogger(DomainIpTracker.class);
    /** A route {@code *} lets clients choose the names, so there is an end to them. */
    private static final int MAX_PAIRS = 100_000;

    private static final String HEADER = "# name\taddress\tconnections\tfirst_seen\tlast_seen\n";
    private static final String VIA_SOCKS5 = "socks5";
    private static final int FIELDS = 5;

    private final LruTable<Key, Pair> table = new LruTable<>(MAX_PAIRS);
    private final Optional<Path> file;
    private final Predicate<InetSocketAddress> socks5Server;
    private long savedChanges;

    private record Key(String name, String address) {}

    private record Pair(Key key, long connections, Instant firstSeen, Instant lastSeen) {
        Pair plusOne(Instant now) {
            return new Pair(key, connections + 1, firstSeen, now);
        }

        String line() {
            return "%s\t%s\t%d\t%s\t%s\n".formatted(key.name(), key.address(), connections, firstSeen, lastSeen);
        }
    }

    /**
     * Makes an empty one.
     *
     * @param file where it is saved
     * @param socks5Server whether an address is that of the SOCKS5 server
     */
    DomainIpTracker(Optional<Path> file, Predicate<InetSocketAddress> socks5Server) {
        this.file = file;
        this.socks5Server = socks5Server;
    }

    @Override
    public void on(ConnectionEvent event) {
        if (event instanceof Closed closed
                && closed.name().isPresent()
                && closed.upstream().isPresent()) {
            Instant now =
                    closed.connection().acceptedAt().plus(closed.duration()).truncatedTo(ChronoUnit.MILLIS);
            Key key = new Key(
                    Escape.controls(closed.name().get()),
                    address(closed.upstream().get()));
            table.update(key, new Pair(key, 0, now, now), pair -> pair.plusOne(now));
        }
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
        for (String line : Files.readAllLines(file.get())) {
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
        if (fields.length != FIELDS) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Pair(
                    new Key(fields[0], fields[1]),
                    Long.parseLong(fields[2]),
                    Instant.parse(fields[3]),
                    Instant.parse(fields[4])));
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public void save() throws IOException {
        long changes = table.changes();
        if (file.isEmpty() || changes == savedChanges) {
            return;
        }
        List<Pair> pairs = table.snapshot();
        Comparator<Pair> byName = Comparator.comparing(pair -> pair.key().name());
        AtomicFile.write(
                file.get(),
                pairs.stream()
                        .sorted(byName.thenComparing(pair -> pair.key().address()))
                        .map(Pair::line)
                        .collect(Collectors.joining("", HEADER, "")));
        savedChanges = changes;
    }
}
