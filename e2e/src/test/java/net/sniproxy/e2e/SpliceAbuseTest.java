package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Attachments;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.faults.BadHop;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Background;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyMaps;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Received;
import net.sniproxy.e2e.wire.TcpState;
import net.sniproxy.kernel.TrafficCounter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Faults that concern spliced connections in a way of their own. Each test has a proxy of its own. */
class SpliceAbuseTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Payload UP = new Payload(50, 200_000);
    private static final Payload DOWN = new Payload(51, 300_000);

    @Test
    @DisplayName("17: the flow table is full: what has no room is relayed, and spliced again when there is room")
    void shouldRelayWhatTheFlowTableHasNoRoomFor() {
        int room = 4;
        try (Rig rig = Rig.start(DataPath.SPLICE, config -> config.set("ebpf.splice.max_flows", room))) {
            List<Link> links = open(rig, 3 * room);
            Link.exchangeAll(links, UP, DOWN);
            List<AccessLine> lines = links.stream()
                    .map(link -> rig.proxy().awaitEnd(link.client()))
                    .toList();
            assertThat(lines)
                    .filteredOn(line -> line.path().equals(Optional.of("splice")))
                    .hasSizeBetween(1, room);
            assertThat(lines)
                    .filteredOn(line -> line.path().equals(Optional.of("relay")))
                    .isNotEmpty()
                    .extracting(AccessLine::pathReason)
                    .containsOnly(Optional.of("splice: the flow table is full"));
            rig.awaitNoSplices();

            int before = rig.proxy().accessLog().size();
            Link late = rig.open();
            late.exchange(UP, DOWN).join();
            rig.assertCompleted(late, before, "splice", UP, DOWN);
        }
    }

    @Test
    @DisplayName(
            "21: source ports towards an upstream run out: no port of a living connection is used again, one of a dead"
                    + " connection is")
    void shouldNotMixConnectionsOfOneUpstreamPort() {
        int ports = 6;
        ThreeHosts hosts = new ThreeHosts();
        ThreeHosts.setSysctl(hosts.proxy(), "ip_local_port_range", "40000 " + (40_000 + ports - 1));
        try (Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            List<Link> links = open(rig, ports);
            Set<Integer> used =
                    links.stream().map(link -> link.server().remote().getPort()).collect(Collectors.toSet());
            assertThat(used).as("source ports").hasSize(ports).allMatch(port -> port >= 40_000);

            assertThat(rig.serves(UP, DOWN)).isFalse();
            Link gone = links.removeFirst();
            gone.client().reset();
            assertThat(gone.server().receive()).isEqualTo(Received.of(Ending.RST));
            Await.until(() -> "a port that is free again", LONG, () -> rig.serves(UP, DOWN));
            Link.exchangeAll(links, UP, DOWN);
        }
    }

    @Test
    @DisplayName(
            "22: kill -9, and nobody starts again: sni-proxy detach ends the connections and leaves nothing in the kernel")
    void shouldLeaveNothingBehindWhenDetached() {
        ThreeHosts hosts = new ThreeHosts();
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                Workspace workspace = Workspace.create();
                Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {
                    config.set("ebpf.splice.pin", pins.root().resolve("splice").toString());
                    workspace.write(
                            "sni-proxy.json", DataPath.SPLICE.configure(config).json());
                })) {
            List<Link> links = open(rig, 5);
            links.forEach(Link::assertCarries);
            rig.killLeaving(links.size());
            links.forEach(Link::assertCarries);
            assertThat(attached(hosts)).contains("tc_splice");

            List<String> detach = new ArrayList<>(hosts.prefix());
            detach.addAll(ProxyProcess.command());
            detach.addAll(
                    List.of("detach", "-c", workspace.path("sni-proxy.json").toString()));
            assertThat(Child.run(detach)).contains("removed ");

            assertThat(attached(hosts)).doesNotContain("tc_splice");
            assertThat(pins.root().resolve("splice"))
                    .satisfiesAnyOf(
                            left -> assertThat(left).doesNotExist(),
                            left -> assertThat(left).isEmptyDirectory());
            for (Link link : links) {
                link.client().send(link.hello());
                assertThat(link.client().receive()).isEqualTo(Received.of(Ending.RST));
                link.close();
            }
        }
    }

    @Test
    @DisplayName("23: a route is revoked while one side has finished and the other has not: both get RST all the same")
    void shouldResetHalfClosedConnectionsOfARevokedRoute() {
        AtomicReference<ProxyConfig> configuration = new AtomicReference<>();
        try (Rig rig = Rig.start(DataPath.SPLICE, configuration::set);
                Link byClient = rig.open();
                Link byServer = rig.open()) {
            byClient.assertCarries();
            byServer.assertCarries();
            List<TcpState> heardFin =
                    List.of(byClient.server().tcp(), byServer.client().tcp());
            byClient.client().finish();
            assertThat(byClient.server().receive()).isEqualTo(Received.of(Ending.FIN));
            byServer.server().finish();
            assertThat(byServer.client().receive()).isEqualTo(Received.of(Ending.FIN));

            rig.proxy().reload(configuration.get().removeRoute(Rig.NAME).route("other.site.test", "127.0.0.1:1"));
            assertThat(byClient.client().receive()).isEqualTo(Received.of(Ending.RST));
            assertThat(byServer.server().receive()).isEqualTo(Received.of(Ending.RST));
            Await.until(
                    () -> "RST behind each FIN", LONG, () -> heardFin.stream().allMatch(TcpState::isClosed));
        }
    }

    @Test
    @DisplayName("24: one source asks for 100,000 connections: it gets its share, and everybody else all of theirs")
    void shouldServeOthersWhileOneSourceFloods() {
        int asked = 100_000;
        InetAddress flooder = InetAddress.ofLiteral("10.77.1.9");
        ThreeHosts hosts = new ThreeHosts();
        hosts.clients().ip("addr add " + flooder.getHostAddress() + "/24 dev " + ThreeHosts.CLIENT_DEVICE);
        try (Rig rig = Rig.start(
                DataPath.SPLICE,
                hosts,
                config -> config.set("ebpf.xdp.enabled", true)
                        .set("ebpf.xdp.interfaces", List.of(ThreeHosts.FRONT_DEVICE))
                        .set("ebpf.xdp.syn_rate_per_source", 200))) {
            Link earlier = rig.open();
            CompletableFuture<Boolean> flood = Background.run(
                    () -> hosts.amongClients(() -> ask(flooder, rig.proxy().address(), asked)));
            int served = 0;
            while (!flood.isDone() || served < 20) {
                Link link = rig.open();
                link.exchange(UP, DOWN).join();
                earlier.assertCarries();
                served++;
            }
            flood.join();
            ProxyMaps maps = new ProxyMaps(rig.proxy().child().pid());
            long lost = ThreeHosts.lost(hosts.clients(), ThreeHosts.CLIENT_DEVICE);
            assertThat(maps.traffic(TrafficCounter.FILTER_SYN_RATE)).isGreaterThan(asked / 2 - lost);
        }
    }

    /** Begins connections as fast as it can, and waits for none. */
    private static boolean ask(InetAddress from, InetSocketAddress to, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (SocketChannel channel = SocketChannel.open()) {
                channel.configureBlocking(false);
                channel.bind(new InetSocketAddress(from, 0));
                channel.connect(to);
            }
        }
        return true;
    }

    @Test
    @DisplayName(
            "25: another TC program at the same interfaces: it goes on seeing packets, and stays when the proxy leaves")
    void shouldLeaveForeignTrafficControlProgramsAlone() {
        ThreeHosts hosts = new ThreeHosts();
        try (BadHop front = new BadHop(hosts.proxy(), ThreeHosts.FRONT_DEVICE);
                BadHop back = new BadHop(hosts.proxy(), ThreeHosts.BACK_DEVICE);
                Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            Link link = rig.open();
            link.assertCarries();
            long seenInFront = front.packets();
            long seenBehind = back.packets();
            link.exchange(UP, DOWN).join();
            rig.assertCompleted(link, 0, "splice");
            assertThat(front.packets()).isGreaterThan(seenInFront);
            assertThat(back.packets()).isGreaterThan(seenBehind);
            assertThat(attached(hosts)).contains("tc_splice");

            rig.proxy().child().signal("TERM");
            rig.proxy().child().awaitExit(LONG);
            assertThat(attached(hosts)).contains("hop_faults").doesNotContain("tc_splice");
        }
    }

    @Test
    void shouldLeaveInterfacesAloneThatAreNotListed() {
        ThreeHosts hosts = new ThreeHosts();
        try (Rig rig = Rig.start(
                DataPath.SPLICE,
                hosts,
                config -> config.set("ebpf.splice.interfaces", List.of(ThreeHosts.FRONT_DEVICE)))) {
            Link link = rig.open();
            link.exchange(UP, DOWN).join();
            rig.assertRelayed(link, 0, "splice: an interface cannot have the program", UP, DOWN);
            assertThat(attached(hosts)).as("at one of the two").containsExactly("tc_splice");
        }
    }

    /** TCX comes before clsact, and what is redirected there goes no further. */
    @Test
    @SinceKernel("6.6") // TCX.
    void shouldLeaveForeignClassifiersAllButSplicedPackets() {
        ThreeHosts hosts = new ThreeHosts();
        try (BadHop before = new BadHop(hosts.proxy(), ThreeHosts.FRONT_DEVICE);
                BadHop behind = BadHop.classifier(hosts.proxy(), ThreeHosts.FRONT_DEVICE);
                Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            Link link = rig.open();
            link.assertCarries();
            assertThat(behind.packets()).as("handshake and hello").isGreaterThanOrEqualTo(3);

            before.set(good -> {});
            behind.set(good -> {});
            int rounds = 30;
            for (int i = 0; i < rounds; i++) {
                link.assertCarries();
            }
            assertThat(before.packets()).isGreaterThan(2 * rounds);
            assertThat(behind.packets()).as("ARP and its like").isLessThan(rounds);
            link.exchange(UP, DOWN).join();
            rig.assertCompleted(link, 0, "splice");
        }
    }

    private static List<Link> open(Rig rig, int count) {
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            links.add(rig.open());
        }
        return links;
    }

    /** Names of the programs at the proxy's interfaces. */
    private static List<String> attached(ThreeHosts hosts) {
        return hosts.proxy()
                .call(() -> Stream.of(ThreeHosts.FRONT_DEVICE, ThreeHosts.BACK_DEVICE)
                        .flatMap(device ->
                                Attachments.onInterface(
                                        Kernel.running(), hosts.proxy().index(device))
                                        .stream())
                        .map(Attachments.Attached::programName)
                        .toList());
    }
}
