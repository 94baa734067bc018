package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyMaps;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.kernel.TrafficCounter;
import net.sniproxy.proxy.admin.AdminClient;
import net.sniproxy.proxy.admin.AdminException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every byte that an end point saw is in the statistics, once: while connections live, and when they have ended. */
@Timeout(600)
class StatisticsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int CONNECTIONS = 40;
    private static final List<Integer> FORWARDED = List.of(
            TrafficCounter.BYTES_SENT,
            TrafficCounter.BYTES_RECEIVED,
            TrafficCounter.PACKETS_SENT,
            TrafficCounter.PACKETS_RECEIVED);

    @TempDir
    Path folder;

    /** What the end points of all connections have sent and received. */
    private static final class Bytes {
        private long up;
        private long down;

        void hello(Link link) {
            up += link.hello().length;
        }

        /** Sends both ways and sees everything arrive. */
        void move(Link link, int sent, int answered) {
            link.client().send(new byte[sent]);
            link.server().read(sent);
            link.server().send(new byte[answered]);
            link.client().read(answered);
            up += sent;
            down += answered;
        }

        /** Ends the connection behind some more bytes each way. */
        CompletableFuture<Void> finish(Link link, Payload sent, Payload answered) {
            up += sent.length();
            down += answered.length();
            return link.exchange(sent, answered);
        }

        @Override
        public String toString() {
            return up + " up, " + down + " down";
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountEveryByteThatTheEndPointsSawOnce(DataPath path) throws Exception {
        try (Rig rig = start(path, config -> {})) {
            Bytes seen = assertExactWhileTheyLiveAndWhenTheyHaveEnded(rig);
            if (path != DataPath.RELAY) {
                awaitKernel(rig.proxy(), seen);
            }
        }
    }

    /** What the proxy tells of connections does not come from the counters that the configuration can leave out. */
    @ParameterizedTest
    @EnumSource
    void shouldCountEveryByteWithoutTheKernelsCounters(DataPath path) throws Exception {
        try (Rig rig = start(path, config -> config.set("ebpf.stats.enabled", false))) {
            assertExactWhileTheyLiveAndWhenTheyHaveEnded(rig);
            if (path != DataPath.RELAY) {
                ProxyMaps maps = new ProxyMaps(rig.proxy().child().pid());
                assertThat(FORWARDED)
                        .allSatisfy(counter -> assertThat(maps.traffic(counter))
                                .as("TRAFFIC_STATS[%d]", counter)
                                .isZero());
            }
        }
    }

    private Rig start(DataPath path, Rig.Change change) {
        return Rig.start(path, config -> {
            config.set("admin_socket", socket().toString())
                    .set(
                            "metrics.addr",
                            ProxyConfig.text(
                                    new InetSocketAddress(config.address().getAddress(), 0)))
                    .set("ip_traffic_tracking.enabled", true)
                    .set(
                            "ip_traffic_tracking.output_file",
                            folder.resolve("clients.txt").toString())
                    .set("domain_ip_tracking.enabled", true)
                    .set(
                            "domain_ip_tracking.output_file",
                            folder.resolve("names.txt").toString());
            change.apply(config);
        });
    }

    private Bytes assertExactWhileTheyLiveAndWhenTheyHaveEnded(Rig rig) throws AdminException {
        Random random = new Random(6);
        Bytes seen = new Bytes();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Link link = rig.open();
            seen.hello(link);
            seen.move(link, 1 + random.nextInt(50_000), 1 + random.nextInt(50_000));
            links.add(link);
            if (i % 2 == 0) {
                seen.finish(
                                links.removeFirst(),
                                new Payload(i, random.nextInt(300_000)),
                                new Payload(-i, random.nextInt(300_000)))
                        .join();
            }
        }
        // Half of them are open and silent now.
        awaitTotals(rig.path(), seen, CONNECTIONS - links.size());
        awaitLine(folder.resolve("clients.txt"), seen);
        long ended = logged(rig, CONNECTIONS - links.size(), AccessLine::bytesDown);
        Await.until(
                "bytes of those that live",
                PATIENCE,
                () -> sum(top().path("live"), "bytes_down"),
                down -> down == seen.down - ended);
        for (Link link : links) {
            seen.finish(link, new Payload(1, random.nextInt(100_000)), new Payload(2, random.nextInt(100_000)))
                    .join();
        }
        awaitTotals(rig.path(), seen, CONNECTIONS);
        awaitLine(folder.resolve("clients.txt"), seen);
        awaitLine(folder.resolve("names.txt"), seen);
        awaitScrape(rig.proxy(), rig.path(), seen);
        assertThat(logged(rig, CONNECTIONS, AccessLine::bytesUp)).isEqualTo(seen.up);
        assertThat(logged(rig, CONNECTIONS, AccessLine::bytesDown)).isEqualTo(seen.down);
        return seen;
    }

    /** What the lines of the connections that have ended come to, when all of them are written. */
    private static long logged(Rig rig, int ended, ToLongFunction<AccessLine> bytes) {
        return Await.until("access log", PATIENCE, rig.proxy()::accessLog, lines -> lines.size() == ended).stream()
                .mapToLong(bytes)
                .sum();
    }

    private Path socket() {
        return folder.resolve("admin.sock");
    }

    private void awaitTotals(DataPath path, Bytes seen, int ended) {
        Totals right = new Totals(
                seen.up,
                seen.down,
                seen.up,
                seen.down,
                CONNECTIONS,
                ended,
                CONNECTIONS - ended,
                Map.of(path.label(), CONNECTIONS));
        Await.until("totals of " + seen, PATIENCE, () -> Totals.shown(top()), right::equals);
    }

    /**
     * What {@code top} shows of all connections at one moment.
     *
     * @param nameUp of the one name
     * @param clientDown of the one client
     * @param ofPaths connections of each path that has any
     */
    private record Totals(
            long up,
            long down,
            long nameUp,
            long clientDown,
            int connections,
            int completed,
            int live,
            Map<String, Integer> ofPaths) {
        static Totals shown(JsonNode top) {
            JsonNode paths = top.path("paths");
            return new Totals(
                    sum(paths, "bytes_up"),
                    sum(paths, "bytes_down"),
                    top.at("/names/0/bytes_up").asLong(),
                    top.at("/clients/0/bytes_down").asLong(),
                    top.at("/routes/0/connections").asInt(),
                    top.at("/connections/ended/completed").asInt(),
                    top.path("live").size(),
                    paths.valueStream()
                            .filter(row -> row.path("connections").asInt() > 0)
                            .collect(Collectors.toMap(
                                    row -> row.path("path").asString(),
                                    row -> row.path("connections").asInt())));
        }
    }

    private static long sum(JsonNode rows, String member) {
        long sum = 0;
        for (JsonNode row : rows) {
            sum += row.path(member).asLong();
        }
        return sum;
    }

    private JsonNode top() throws AdminException {
        return AdminClient.of(Optional.of(socket()))
                .ask("top", JsonMapper.shared().createObjectNode());
    }

    private static void awaitLine(Path file, Bytes seen) {
        Pattern both = Pattern.compile("\\b" + seen.up + "\\s+" + seen.down + "\\b");
        Await.until(
                seen + " in " + file,
                PATIENCE,
                () -> Files.exists(file) ? Files.readString(file) : "",
                text -> both.matcher(text).find());
    }

    private static void awaitScrape(ProxyProcess proxy, DataPath path, Bytes seen) {
        Await.until(
                "metrics of " + seen,
                PATIENCE,
                proxy::metrics,
                text -> text.lines()
                        .toList()
                        .containsAll(List.of(
                                "sniproxy_forwarded_bytes_total{direction=\"up\",path=\"" + path.label() + "\"} "
                                        + (double) seen.up,
                                "sniproxy_name_forwarded_bytes_total{direction=\"down\",name=\"" + Rig.NAME + "\"} "
                                        + (double) seen.down)));
    }

    private static void awaitKernel(ProxyProcess proxy, Bytes seen) {
        ProxyMaps maps = new ProxyMaps(proxy.child().pid());
        Await.until(
                "TRAFFIC_STATS of " + seen,
                PATIENCE,
                () -> List.of(
                        maps.traffic(TrafficCounter.BYTES_SENT) + maps.traffic(TrafficCounter.RELAYED_SENT),
                        maps.traffic(TrafficCounter.BYTES_RECEIVED) + maps.traffic(TrafficCounter.RELAYED_RECEIVED)),
                List.of(seen.up, seen.down)::equals);
    }

    /** The kernel's totals go on where they were, while no proxy runs and under the next one. */
    @Test
    void shouldHaveExactTotalsOverARestart() throws Exception {
        AtomicReference<ProxyConfig> configuration = new AtomicReference<>();
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                Rig rig = Rig.start(DataPath.SPLICE, new ThreeHosts(), config -> {
                    config.set("ebpf.splice.pin", pins.root().resolve("splice").toString());
                    configuration.set(config);
                })) {
            Bytes seen = new Bytes();
            List<Link> links = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Link link = rig.open();
                seen.hello(link);
                seen.move(link, 1_000 + i, 2_000 + i);
                links.add(link);
            }
            awaitKernel(rig.proxy(), seen);
            rig.killLeaving(links.size());
            links.forEach(link -> seen.move(link, 300, 4_000));

            try (ProxyProcess next = ProxyProcess.start(DataPath.SPLICE, rig.site(), configuration.get())) {
                next.child().awaitLine("adoption", PATIENCE, line -> line.contains("adopted "));
                awaitKernel(next, seen);
                for (Link link : links) {
                    seen.finish(link, new Payload(1, 50_000), new Payload(2, 60_000))
                            .join();
                }
                awaitKernel(next, seen);
            }
        }
    }
}
