package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import net.sniproxy.e2e.faults.BadHop;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.LiveHeap;
import net.sniproxy.e2e.harness.Privileges;
import net.sniproxy.e2e.harness.ProcFs;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.harness.VethSite;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Flood;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators and machines do to the proxy while it works. Each test has a proxy of its own. */
class OperationAbuseTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    /** Of all data paths together; {@code make abuse SOAK=3600} for a longer one. */
    private static final Duration SOAK = Duration.ofSeconds(Integer.getInteger("soak.seconds", 120));

    /** So long that what is to stay alive is not taken for idle where the whole machine stalls. */
    private static final Duration IDLE = Duration.ofSeconds(6);

    /**
     * The longest segment on any of the paths. A sender may find a window that is shorter than its next segment: it fills that,
     * once, when a timer has run, which takes the longer the busier the machine was.
     */
    private static final long SEGMENT = 64 << 10;

    private static final int SMALL_BUFFER = 8192;
    private static final long USER_BYTES_PER_FLOW = 256 << 10;
    private static final long KERNEL_BYTES_PER_FLOW = 3 << 20;

    @ParameterizedTest(name = "{0}")
    @EnumSource(DataPath.class)
    @DisplayName("12: a thousand stopped readers: memory per flow and in total is bounded, the kernel's included")
    void shouldBoundTheMemoryOfAThousandStoppedReaders(DataPath path) {
        int flows = 1000;
        Payload other = new Payload(12, 8 << 20);
        Site site = path.site();
        BackEnd backEnd = BackEnd.startWithReceiveBuffer(site.backEndAddress(), SMALL_BUFFER);
        ProxyConfig config = ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target());
        try (Resources links = new Resources();
                Rig rig = new Rig(path, site, backEnd, ProxyProcess.start(path, site, config));
                Link free = rig.open()) {
            ProcFs proc = rig.proxy().proc();
            long residentBefore = proc.residentBytes();
            long kernelBefore = proc.tcpMemoryBytes();
            List<Peer> senders = new ArrayList<>();
            for (int i = 0; i < flows; i++) {
                senders.add(links.add(rig.open(rig.connect().sendBuffer(SMALL_BUFFER)))
                        .client());
            }
            Flood flood = Flood.on(senders);
            long taken = flood.untilStuck(Duration.ofSeconds(1));
            assertThat(proc.residentBytes() - residentBefore).isLessThan(flows * USER_BYTES_PER_FLOW);
            assertThat(proc.tcpMemoryBytes() - kernelBefore).isLessThan(flows * KERNEL_BYTES_PER_FLOW);

            CompletableFuture<Received> received = free.server().receiving();
            free.client().send(other).finish();
            assertThat(received.join()).isEqualTo(Received.of(Ending.FIN, other));
            assertThat(flood.total() - taken)
                    .as("what the stopped readers let through meanwhile")
                    .isLessThan(flows * SEGMENT);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(DataPath.class)
    @DisplayName("13: both sides silent: the idle timer ends the connection; a byte now and then keeps it")
    void shouldReapIdleConnections(DataPath path) {
        try (Rig rig = Rig.start(path, OperationAbuseTest::reapSoon);
                Link idle = rig.open();
                Link busy = rig.open()) {
            byte[] tick = {1};
            CompletableFuture<Received> atClient = idle.client().receiving();
            CompletableFuture<Received> atServer = idle.server().receiving();
            int ticks = 0;
            while (!atClient.isDone() || !atServer.isDone() || ticks < 40) {
                busy.client().send(tick);
                assertThat(busy.server().read(1)).isEqualTo(tick);
                Await.pause(Duration.ofMillis(200));
                ticks++;
                assertThat(ticks)
                        .as("rounds of 200 ms before the idle connection ended")
                        .isLessThan(300);
            }
            assertThat(atClient.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(rig.proxy().awaitEnd(idle.client()).end()).isEqualTo("idle_timeout");
        }
    }

    @ParameterizedTest(name = "{0}, client vanishes: {1}")
    @CsvSource({"RELAY, true", "RELAY, false", "SPLICE, true", "SPLICE, false"})
    @DisplayName(
            "13: a peer vanishes without a word, with data under way: the connection is reaped, the other end gets RST,"
                    + " nothing is left of it")
    void shouldReapVanishedPeers(DataPath path, boolean clientVanishes) {
        VethSite site = new VethSite();
        try (Rig rig = Rig.start(path, site, OperationAbuseTest::reapSoon)) {
            Link earlier = rig.open();
            earlier.close();
            rig.proxy().awaitEnd(earlier.client());
            // Now, since the proxy opens sockets of its own until it is ready.
            int before = rig.proxy().proc().sockets();
            try (Link link = rig.open()) {
                Peer sender = clientVanishes ? link.server() : link.client();
                CompletableFuture<Received> atSender = sender.receiving();
                Flood.on(List.of(sender));
                (clientVanishes ? link.client() : link.server()).read(1 << 20);
                if (clientVanishes) {
                    site.cutClients();
                } else {
                    site.cutBackEnds();
                }
                assertThat(atSender.join().ending()).isEqualTo(Ending.RST);
                rig.awaitSockets(before);
                if (path == DataPath.SPLICE) {
                    rig.awaitNoSplices();
                }
            }
        }
    }

    private static void reapSoon(ProxyConfig config) {
        config.set("timeouts.idle", IDLE.toSeconds() + "s");
    }

    @ParameterizedTest(name = "client vanishes: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("13: a peer's packets get lost, data stays unacknowledged: TCP gives it up long before the idle timer")
    void shouldGiveUpPeersThatAcknowledgeNothing(boolean clientVanishes) {
        Payload last = new Payload(13, 10_000);
        ThreeHosts hosts = new ThreeHosts();
        // Lets what the proxy sends pass, and nothing that comes back.
        BadHop hop = new BadHop(hosts.proxy(), clientVanishes ? ThreeHosts.FRONT_DEVICE : ThreeHosts.BACK_DEVICE);
        try (hop;
                Rig rig = Rig.start(DataPath.RELAY, hosts, config -> config.set("timeouts.unacknowledged", "2s"));
                Link link = rig.open()) {
            int before = rig.proxy().proc().sockets() - 2;
            // The options of the upstream's socket are set when it has lasted for a while.
            Await.until(
                    () -> "options of both sockets", LONG, () -> timers(hosts).size() == 2);
            hop.set(lost -> lost.loss = 1000);
            Peer sender = clientVanishes ? link.server() : link.client();
            Peer vanished = clientVanishes ? link.client() : link.server();
            sender.send(last);
            assertThat(vanished.read((int) last.length())).isEqualTo(last.bytes());
            assertThat(sender.receive()).isEqualTo(Received.of(Ending.RST));
            rig.awaitSockets(before);
            AccessLine line = rig.proxy().awaitEnd(link.client());
            assertThat(line.end()).isEqualTo(clientVanishes ? "client_vanished" : "upstream_vanished");
            assertThat(hop.disturbed()).as("acknowledgements that were lost").isPositive();
        }
    }

    /** Established connections of the proxy's host that probe silent peers. */
    private static List<String> timers(ThreeHosts hosts) {
        return hosts.proxy()
                .run("ss", "-tnoH", "state", "established")
                .lines()
                .filter(line -> line.contains("timer:(keepalive"))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(DataPath.class)
    @DisplayName("16: descriptors run out: accept pauses without spinning, flows live, it recovers by itself")
    void shouldOutliveTheEndOfItsDescriptors(DataPath path) {
        int many = 300;
        Site site = path.site();
        BackEnd backEnd = BackEnd.start(site.backEndAddress());
        // The crowd stays until it is told to go, however long that takes.
        ProxyConfig config = path.configure(ProxyConfig.on(site.proxyAddress())
                .route(Rig.NAME, backEnd.target())
                .set("timeouts.hello", "10m"));
        List<String> limited = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 200 && exec \"$0\" \"$@\""));
        List<String> prefix = new ArrayList<>(site.prefix());
        prefix.addAll(limited);
        List<Peer> crowd = new ArrayList<>();
        try (Rig rig = new Rig(path, site, backEnd, ProxyProcess.start(prefix, config));
                Link early = rig.open()) {
            for (int i = 0; i < many; i++) {
                crowd.add(rig.connect());
            }
            ProcFs proc = rig.proxy().proc();
            Await.until("the limit of descriptors", LONG, proc::descriptors, open -> open >= 195);
            awaitRest(proc);
            early.assertCarries();
            crowd.forEach(Peer::close);
            crowd.clear();
            // Before the last of them is gone there may be a descriptor for a client, and none for its upstream.
            Await.until(
                    "the end of the crowd", LONG, () -> rig.proxy().accessLog().size(), ended -> ended == many);
            try (Link late = rig.open()) {
                late.assertCarries();
            }
            assertThat(rig.proxy().child().output())
                    .filteredOn(line -> line.contains("descriptor"))
                    .as("what it logged of it")
                    .hasSizeBetween(1, 3);
        } finally {
            crowd.forEach(Peer::close);
        }
    }

    /** Waits for a second in which the process used less than half a processor: a loop that spins never does. */
    private static void awaitRest(ProcFs proc) {
        Await.until(() -> "a second of rest", LONG, () -> {
            long before = proc.processorTicks();
            Await.pause(Duration.ofSeconds(1));
            return proc.processorTicks() - before < 50;
        });
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(value = DataPath.class, names = "RELAY")
    @DisplayName("22: kill -9 under traffic: both ends get RST, not FIN; the next start takes the port")
    void shouldEndWithResetWhenKilled(DataPath path) {
        Site site = path.site();
        BackEnd backEnd = BackEnd.start(site.backEndAddress());
        ProxyConfig config = ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target());
        try (Rig rig = new Rig(path, site, backEnd, ProxyProcess.start(path, site, config));
                Link busy = rig.open();
                Link quiet = rig.open()) {
            busy.server().sending(new Payload(1, 1L << 32));
            busy.client().read(1 << 20);
            rig.proxy().child().signal("KILL");
            assertThat(busy.client().receive().ending()).isEqualTo(Ending.RST);
            assertThat(quiet.client().receive()).isEqualTo(Received.of(Ending.RST));
            assertThat(quiet.server().receive()).isEqualTo(Received.of(Ending.RST));
            rig.proxy().child().awaitExit(LONG);
            try (ProxyProcess next = ProxyProcess.start(path, site, config);
                    Link link = new Rig(path, site, backEnd, next).open()) {
                link.assertCarries();
            }
        }
    }

    @Test
    @DisplayName("25: no privilege at all: same bytes, in user space")
    void shouldRunWithoutAnyPrivilege() {
        Payload payload = new Payload(2, 20_000_000);
        Site site = Site.loopback();
        BackEnd backEnd = BackEnd.start(site.backEndAddress());
        ProxyConfig config = ProxyConfig.on(site.proxyAddress())
                .route(Rig.NAME, backEnd.target())
                .set("ebpf.enabled", "auto");
        try (Workspace workspace = Workspace.create();
                Rig rig = new Rig(
                        DataPath.RELAY,
                        site,
                        backEnd,
                        ProxyProcess.startWithClassPath(Privileges.none(), config, workspace.copyOfClassPath()));
                Link link = rig.open()) {
            CompletableFuture<Received> up = link.server().receiving();
            CompletableFuture<Received> down = link.client().receiving();
            link.server().sending(payload).thenAccept(Peer::finish);
            link.client().sending(payload).thenAccept(Peer::finish);
            assertThat(up.join()).isEqualTo(Received.of(Ending.FIN, payload));
            assertThat(down.join()).isEqualTo(Received.of(Ending.FIN, payload));
            AccessLine line = rig.proxy().awaitEnd(link.client());
            assertThat(line.path()).contains("relay");
            assertThat(line.bytesDown()).isEqualTo(payload.length());
        }
    }

    @Test
    @DisplayName("25: no privilege, but kernel paths wanted: relayed, after a warning that says what is missing")
    void shouldSayWhichPrivilegeIsMissing() {
        ProxyConfig config = ProxyConfig.on(Site.loopback().proxyAddress())
                .route(Rig.NAME, "127.0.0.1:1")
                .set("ebpf.enabled", true);
        try (Workspace workspace = Workspace.create();
                ProxyProcess proxy =
                        ProxyProcess.startWithClassPath(Privileges.none(), config, workspace.copyOfClassPath())) {
            assertThat(proxy.log()).contains("splice is not available, connections are relayed", "CAP_BPF");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(DataPath.class)
    @DisplayName("26: started twice: the second is refused and says why, or shares the port; never half a path")
    void shouldNotBeDisturbedByASecondStart(DataPath path) {
        try (Site site = path.site();
                BackEnd backEnd = BackEnd.serving(site.backEndAddress(), OperationAbuseTest::echoHello)) {
            ProxyConfig config =
                    path.configure(ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target()));
            try (ProxyProcess first = ProxyProcess.start(site.prefix(), config);
                    ProxyProcess second = ProxyProcess.launch(site.prefix(), config)) {
                Await.until(
                        () -> "an end or a listener of the second", ProxyProcess.START, () -> decided(second, config));
                if (!second.child().alive()) {
                    assertThat(second.child().awaitExit(LONG)).isOne();
                    assertThat(second.log()).contains(ProxyConfig.text(config.address()));
                }
                assertServes(first, 40);
                second.child().signal("TERM");
                second.child().awaitExit(LONG);
                assertServes(first, 40);
            }
        }
    }

    private static boolean decided(ProxyProcess proxy, ProxyConfig config) {
        try {
            return proxy.proc().listeningPorts().contains(config.address().getPort());
        } catch (AssertionError gone) {
            return !proxy.child().alive();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(DataPath.class)
    @DisplayName("27: soak with churn: flat heap, flat descriptors and threads, every connection in the access log")
    void shouldStayFlatUnderChurn(DataPath path) {
        try (Site site = path.site();
                BackEnd backEnd = BackEnd.serving(site.backEndAddress(), OperationAbuseTest::echoHello)) {
            ProxyConfig config =
                    path.configure(ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target()));
            try (ProxyProcess proxy = ProxyProcess.start(site.prefix(), config)) {
                int warmUp = churn(site, proxy, sent -> sent < 2000);
                Footprint before = Footprint.of(proxy);
                long end = System.nanoTime()
                        + SOAK.dividedBy(DataPath.values().length).toNanos();
                int soak = churn(site, proxy, sent -> System.nanoTime() < end || sent < warmUp / 4);
                Await.until(
                        "the footprint of before: " + before, LONG, () -> Footprint.of(proxy), now -> now.fits(before));
                Await.until("access log lines", LONG, () -> proxy.accessLog().size(), lines -> lines == warmUp + soak);
            }
        }
    }

    /** What must not grow. */
    private record Footprint(long heapBytes, long threads, int descriptors, int sockets) {
        private static final long NOISE = 2 << 20;

        static Footprint of(ProxyProcess proxy) {
            ProcFs proc = proxy.proc();
            return new Footprint(
                    LiveHeap.bytes(proxy.child().pid()), proc.threads(), proc.descriptors(), proc.sockets());
        }

        boolean fits(Footprint before) {
            return heapBytes <= before.heapBytes + NOISE
                    && threads <= before.threads + 2
                    && descriptors <= before.descriptors
                    && sockets <= before.sockets;
        }
    }

    /**
     * Connections of every kind of life: served and closed, reset, refused, left in the middle of the hello.
     *
     * @param goOn asked before each, with the number of those before it
     * @return how many there were
     */
    private static int churn(Site site, ProxyProcess proxy, IntPredicate goOn) {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        byte[] refused = Hello.of("nobody.test").bytes();
        int i = 0;
        for (; goOn.test(i); i++) {
            try (Peer client = site.amongClients(() -> Peer.connect(proxy.address()))) {
                switch (i % 4) {
                    case 0 -> assertThat(client.send(hello).read(hello.length)).isEqualTo(hello);
                    case 1 -> {
                        client.send(hello).read(hello.length);
                        client.reset();
                    }
                    case 2 -> assertThat(client.send(refused).answer().alert()).contains(112);
                    default -> client.send(hello, 0, hello.length / 2).finish().answer();
                }
            }
        }
        return i;
    }

    private static void assertServes(ProxyProcess proxy, int times) {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        for (int i = 0; i < times; i++) {
            try (Peer client = Peer.connect(proxy.address())) {
                assertThat(client.send(hello).read(hello.length)).isEqualTo(hello);
            }
        }
    }

    private static void echoHello(Peer peer) {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        peer.send(peer.read(hello.length)).receive();
    }
}
