package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.LiveHeap;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Limits and statistics see spliced connections, of which the proxy holds no socket, as they see all others. */
class SpliceAccountsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int LIMIT = 3;
    /** Of Java heap, for a spliced connection. */
    private static final long HEAP_BYTES = 2_048;

    private static final Payload UP = new Payload(60, 123_456);
    private static final Payload DOWN = new Payload(61, 654_321);

    @ParameterizedTest
    @ValueSource(strings = {"max_connections", "limits.connections_per_ip"})
    void shouldCountSplicedConnectionsAgainstLimits(String limit) {
        try (Rig rig = Rig.start(DataPath.SPLICE, config -> config.set(limit, LIMIT))) {
            Link earlier = rig.open();
            earlier.exchange(UP, DOWN).join();
            rig.assertCompleted(earlier, 0, "splice");
            // It has opened what it keeps by now.
            int before = rig.proxy().proc().sockets();
            List<Link> links = new ArrayList<>();
            for (int i = 0; i < LIMIT; i++) {
                links.add(rig.open());
            }
            // From now on only the accounts know of them.
            rig.awaitSockets(before);
            int accepted = rig.backEnd().accepted();
            assertThat(rig.serves(UP, DOWN)).isFalse();
            assertThat(rig.backEnd().accepted()).isEqualTo(accepted);

            Link first = links.removeFirst();
            first.exchange(UP, DOWN).join();
            rig.assertCompleted(first, 0, "splice", UP, DOWN);
            Await.until(() -> "room for another", LONG, () -> rig.serves(UP, DOWN));
            assertThat(links).allSatisfy(Link::assertCarries);
        }
    }

    @Test
    void shouldTrackTheTrafficOfSplicedClients() {
        try (Workspace workspace = Workspace.create();
                Rig rig = Rig.start(
                        DataPath.SPLICE,
                        new ThreeHosts(),
                        config -> config.set("ip_traffic_tracking.enabled", true)
                                .set(
                                        "ip_traffic_tracking.persistence_file",
                                        clients(workspace).toString()))) {
            List<Link> links = List.of(rig.open(), rig.open(), rig.open());
            Link.exchangeAll(links, UP, DOWN);
            List<AccessLine> lines = links.stream()
                    .map(link -> rig.assertCompleted(link, 0, "splice"))
                    .toList();
            JsonNode client = Await.until(
                    "the client's traffic",
                    LONG,
                    () -> traffic(clients(workspace)),
                    found -> found.path("connections").asInt() == links.size());
            assertThat(client.required("ip").asString()).isEqualTo("10.77.1.1");
            assertThat(client.required("bytes_up").asLong())
                    .isEqualTo(lines.stream().mapToLong(AccessLine::bytesUp).sum());
            assertThat(client.required("bytes_down").asLong())
                    .isEqualTo(lines.stream().mapToLong(AccessLine::bytesDown).sum());
        }
    }

    @Test
    void shouldKeepLittleMoreOfAConnectionThanAccountingNeeds() {
        int count = 1_000;
        try (Rig rig = Rig.start(DataPath.SPLICE, config -> {})) {
            Link earlier = rig.open();
            earlier.exchange(UP, DOWN).join();
            rig.assertCompleted(earlier, 0, "splice");
            // The first look opens a socket that stays.
            heap(rig);
            int sockets = rig.proxy().proc().sockets();
            // What the first ones make the proxy load and keep does not belong to the many.
            List<Link> links = open(rig, count / 10);
            rig.awaitSockets(sockets);
            long before = heap(rig);
            links.addAll(open(rig, count));
            rig.awaitSockets(sockets);
            // Timers and queues let go of what is done in their own time.
            long more = Await.until(
                    "little more heap", LONG, () -> heap(rig) - before, bytes -> bytes <= count * HEAP_BYTES);
            assertThat(more).as("bytes of heap for all").isPositive();
            links.forEach(Link::close);
        }
    }

    private static long heap(Rig rig) {
        return LiveHeap.bytes(rig.proxy().child().pid());
    }

    private static List<Link> open(Rig rig, int count) {
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            links.add(rig.open());
        }
        return links;
    }

    private static Path clients(Workspace workspace) {
        return workspace.path("clients.json");
    }

    private static JsonNode traffic(Path file) {
        try {
            return JsonMapper.shared()
                    .readTree(Files.exists(file) ? Files.readString(file) : "{}")
                    .path("ips")
                    .path(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
