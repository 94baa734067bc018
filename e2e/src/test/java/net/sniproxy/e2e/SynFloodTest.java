package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyMaps;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.kernel.TrafficCounter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many sources ask for connections that they never complete, while a client goes about its business. */
class SynFloodTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int EXCHANGES = 50;
    private static final int FLOODED = 3_000;

    private static final int SOURCES = 50;
    /** New connections that the filter lets each source have in a second: as many as the client needs, and some. */
    private static final int LIMIT = EXCHANGES + 10;

    /** More half-open connections than the listening sockets have room for, however many the proxy has. */
    private static final int PORTS_BEYOND_ROOM = 200;

    private static final int ROOM = 64;
    /** Connections that only a cookie could make. */
    private static final int BY_COOKIE = 10;

    /**
     * Rounds of SYNs to the proxy from so many ports of each of 50 sources, with a pause of so many seconds before each round, as fast
     * as one thread can, until its input ends; prints how many.
     */
    private static final String FLOOD = """
            import random, select, socket, struct, sys
            proxy, port, ports = socket.inet_aton(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            def checksum(data):
                total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
                total = (total >> 16) + (total & 0xffff)
                return ~(total + (total >> 16)) & 0xffff
            frames = []
            for source in range(3, 53):
                address = bytes((10, 77, 1, source))
                for own in random.sample(range(1024, 65535), ports):
                    def tcp(sum):
                        return struct.pack('!HHLLBBHHH', own, port, 1, 0, 80, 2, 64240, sum, 0)
                    pseudo = address + proxy + struct.pack('!BBH', 0, 6, 20)
                    ip = struct.pack('!BBHHHBBH4s4s', 69, 0, 40, 0, 0, 64, 6, 0, address, proxy)
                    frames.append(ip + tcp(checksum(pseudo + tcp(0))))
            random.shuffle(frames)
            sent = 0
            while not select.select([sys.stdin], [], [], float(sys.argv[4]))[0]:
                for frame in frames:
                    raw.sendto(frame, (sys.argv[1], 0))
                sent += len(frames)
            print(sent)
            """;

    @TempDir
    Path folder;

    @Test
    @DisplayName("24: a SYN flood from many sources: dropped in the driver, and a client is served meanwhile")
    @Timeout(300)
    void shouldServeAClientWhileManySourcesFlood() throws Exception {
        try (ThreeHosts hosts = new ThreeHosts();
                Rig rig = Rig.start(
                        DataPath.SPLICE,
                        hosts,
                        config -> config.set("ebpf.xdp.enabled", true)
                                .set("ebpf.xdp.interfaces", List.of(ThreeHosts.FRONT_DEVICE))
                                .set("ebpf.xdp.syn_rate_per_source", LIMIT))) {
            ProxyMaps maps = new ProxyMaps(rig.proxy().child().pid());
            long start = System.nanoTime();
            Process flood = flood(hosts, rig, 8, 0);
            try {
                Await.until("drops of the flood", PATIENCE, () -> dropped(maps), drops -> drops > FLOODED);
                long repeatedBefore = ThreeHosts.tcpCounter(hosts.clients(), "TCPSynRetrans");
                for (int i = 0; i < EXCHANGES; i++) {
                    rig.open()
                            .exchange(new Payload(i, 2_000), new Payload(-i, 20_000))
                            .join();
                }
                assertThat(ThreeHosts.tcpCounter(hosts.clients(), "TCPSynRetrans") - repeatedBefore)
                        .as("SYNs of the client that were lost, each of which makes it wait for a second")
                        .isLessThanOrEqualTo(
                                lostOnTheWay(hosts) + ThreeHosts.lost(hosts.proxy(), ThreeHosts.FRONT_DEVICE));
                assertThat(flood.isAlive()).as("still flooding").isTrue();
                assertThat(end(flood) - dropped(maps) - lostOnTheWay(hosts))
                        .as("SYNs of the flood that came through")
                        .isBetween(0L, mostThatMayPass(System.nanoTime() - start));
            } finally {
                flood.destroyForcibly().waitFor();
            }
        }
    }

    private static long lostOnTheWay(ThreeHosts hosts) {
        return ThreeHosts.lost(hosts.clients(), ThreeHosts.CLIENT_DEVICE);
    }

    private static long dropped(ProxyMaps maps) {
        return maps.traffic(TrafficCounter.FILTER_SYN_RATE);
    }

    /** Each source has a second's worth at once, and then as many as time earns it. */
    private static long mostThatMayPass(long nanos) {
        return SOURCES * LIMIT * (1 + nanos / 1_000_000_000 + 1);
    }

    @Test
    @DisplayName(
            "24: a SYN flood from many sources, no filter: the kernel answers with cookies, and who has one is served")
    @Timeout(300)
    void shouldServeAClientWhoseSynWasAnsweredWithACookie() throws Exception {
        ThreeHosts hosts = new ThreeHosts();
        hosts.proxy().run("sysctl", "-qw", "net.core.somaxconn=" + ROOM);
        try (Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            Process flood = flood(hosts, rig, PORTS_BEYOND_ROOM, 0.1);
            try {
                Await.until("cookies", PATIENCE, () -> ofProxy(hosts, "SyncookiesSent"), sent -> sent > FLOODED);
                for (int i = 0; ofProxy(hosts, "SyncookiesRecv") < BY_COOKIE; i++) {
                    Link link = rig.open();
                    link.exchange(new Payload(i, 2_000), new Payload(-i, 20_000))
                            .join();
                    rig.assertCompleted(link, i, "splice");
                }
                assertThat(flood.isAlive()).as("still flooding").isTrue();
            } finally {
                flood.destroyForcibly().waitFor();
            }
        }
    }

    private static long ofProxy(ThreeHosts hosts, String name) {
        return ThreeHosts.tcpCounter(hosts.proxy(), name);
    }

    private static long end(Process flood) throws IOException {
        flood.getOutputStream().close();
        return Long.parseLong(flood.inputReader().readLine());
    }

    private Process flood(ThreeHosts hosts, Rig rig, int ports, double pause) throws IOException {
        Path script = Files.writeString(folder.resolve("flood.py"), FLOOD);
        List<String> command = new ArrayList<>(hosts.clients().command());
        command.addAll(List.of(
                "python3",
                script.toString(),
                rig.proxy().address().getAddress().getHostAddress(),
                Integer.toString(rig.proxy().address().getPort()),
                Integer.toString(ports),
                Double.toString(pause)));
        return new ProcessBuilder(command)
                .redirectError(folder.resolve("flood.log").toFile())
                .start();
    }
}
