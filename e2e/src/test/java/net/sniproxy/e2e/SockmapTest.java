package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.CgroupSite;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProcFs;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyMaps;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.peers.Certificates;
import net.sniproxy.e2e.peers.Curl;
import net.sniproxy.e2e.peers.Nginx;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Flood;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import net.sniproxy.proxy.KernelPaths;
import net.sniproxy.proxy.SniProxy;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.config.ConfigLoader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is particular to redirection between sockets of one host: its limit, its tables, and what it must leave alone. */
class SockmapTest {
    private static final String SOCKMAP = DataPath.SOCKMAP.label();
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int BYTES_SENT = 0;
    private static final int BYTES_RECEIVED = 1;
    private static final int MESSAGES_SENT = 2;
    private static final int OVER_LIMIT = 7;

    /** For the tests that need no configuration of their own; each leaves its tables empty. */
    private static Rig shared;

    @BeforeAll
    static void start() {
        shared = rig(config -> {});
    }

    @AfterAll
    static void stop() {
        shared.close();
    }

    private static Rig rig(Rig.Change change) {
        return Rig.start(DataPath.SOCKMAP, change);
    }

    private static ProxyMaps maps(Rig rig) {
        return new ProxyMaps(rig.proxy().child().pid());
    }

    @Test
    void shouldCarryAGigabyteEachWayBetweenCurlAndNginx() {
        String name = "web.site.test";
        Payload payload = new Payload(1, 1 << 30);
        try (CgroupSite site = new CgroupSite();
                Workspace workspace = Workspace.create()) {
            Certificates certificates = Certificates.in(workspace.directory());
            InetSocketAddress address = new InetSocketAddress(site.backEndAddress(), Ports.free());
            try (Nginx nginx = Nginx.builder().listen(address).start(workspace, certificates);
                    ProxyProcess proxy = ProxyProcess.start(
                            DataPath.SOCKMAP,
                            site,
                            ProxyConfig.on(site.proxyAddress()).route(name, ProxyConfig.text(nginx.address())))) {
                Path source = payload.writeTo(nginx.root().resolve("large"));
                Received whole = Received.of(Ending.FIN, payload);
                Path down = workspace.path("down");
                Curl curl = new Curl(proxy.address(), certificates);
                curl.download("https://" + name + "/large", down);
                assertThat(Received.inFile(Ending.FIN, down)).isEqualTo(whole);
                curl.upload(source, "https://" + name + "/up");
                assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("up")))
                        .isEqualTo(whole);
                List<AccessLine> lines = Await.until("access log", SOON, proxy::accessLog, all -> all.size() == 2);
                assertThat(lines).allMatch(line -> line.path().equals(Optional.of(SOCKMAP)));
                assertThat(lines.get(0).bytesDown()).isGreaterThan(payload.length());
                assertThat(lines.get(1).bytesUp()).isGreaterThan(payload.length());
            }
        }
    }

    @Test
    void shouldCarryFiveHundredConnectionsAtOnceAndCountEveryByte() {
        int connections = 500;
        long each = 100_000;
        Rig rig = shared;
        List<Link> links =
                IntStream.range(0, connections).mapToObj(i -> rig.open()).toList();
        long sentBefore = maps(rig).traffic(BYTES_SENT);
        long receivedBefore = maps(rig).traffic(BYTES_RECEIVED);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            all.add(exchange(links.get(i), new Payload(i, each), new Payload(-i, each)));
        }
        all.forEach(CompletableFuture::join);
        int hello = links.getFirst().hello().length;
        Set<String> clients = links.stream()
                .map(link -> ProxyConfig.text(link.client().local()))
                .collect(Collectors.toSet());
        assertThat(Await.until(
                        "access log",
                        SOON,
                        () -> rig.proxy().accessLog().stream()
                                .filter(line -> clients.contains(line.client()))
                                .toList(),
                        lines -> lines.size() == connections))
                .allMatch(line -> line.path().equals(Optional.of(SOCKMAP)))
                .allMatch(line -> line.bytesUp() == hello + each && line.bytesDown() == each);
        // Only the hello took the way through the proxy.
        assertThat(maps(rig).traffic(BYTES_SENT) - sentBefore).isEqualTo(connections * each);
        assertThat(maps(rig).traffic(BYTES_RECEIVED) - receivedBefore).isEqualTo(connections * each);
        assertThatTablesAreEmpty(rig);
    }

    private static CompletableFuture<Void> exchange(Link link, Payload up, Payload down) {
        CompletableFuture<Received> atServer = link.server().receiving();
        CompletableFuture<Received> atClient = link.client().receiving();
        link.server().sending(down).thenAccept(Peer::finish);
        link.client().sending(up).thenAccept(Peer::finish);
        return CompletableFuture.allOf(atServer, atClient).thenRun(() -> {
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, up));
            assertThat(atClient.join()).isEqualTo(Received.of(Ending.FIN, down));
            link.close();
        });
    }

    /** Without the table of handshakes, which pushes out by itself what was enrolled and never asked for. */
    private static void assertThatTablesAreEmpty(Rig rig) {
        for (String name : List.of("SOCK_MAP", "CONNECTION_MAP", "REDIRECT_FLOWS", "CONNECTION_STATS")) {
            assertThat(Await.until(name, SOON, () -> maps(rig).entries(name), entries -> entries == 0))
                    .isZero();
        }
    }

    @Test
    @DisplayName("12: 200 stopped readers: the kernel holds little for each and for all, other flows are unaffected")
    void shouldBoundKernelMemoryOfStoppedReaders() {
        int readers = 200;
        int limit = 256 << 10;
        int totalLimit = 8 << 20;
        int buffer = 64 << 10;
        // What is redirected whatever the others hold, and one message more; Flood sends such of 64 KB.
        long redirectedBound = totalLimit + readers * (64L + 64 << 10);
        // Four small TCP buffers, and the relay between them.
        long bound = redirectedBound + readers * (long) (4 * buffer + (1 << 20));
        CgroupSite site = new CgroupSite();
        BackEnd backEnd = BackEnd.startWithReceiveBuffer(site.backEndAddress(), buffer);
        Rig.Change limits =
                config -> config.set("ebpf.sockmap.limit", limit).set("ebpf.sockmap.total_limit", totalLimit);
        try (Rig rig = Rig.start(DataPath.SOCKMAP, site, backEnd, limits)) {
            Link free = rig.open();
            List<Link> links =
                    IntStream.range(0, readers).mapToObj(i -> rig.open()).toList();
            links.forEach(link -> link.client().sendBuffer(buffer));
            ProcFs proc = rig.proxy().proc();
            long before = proc.tcpMemoryBytes();
            long slabBefore = ProcFs.slabBytes();
            Flood flood = Flood.on(links.stream().map(Link::client).toList());
            flood.untilStuck(Duration.ofMillis(500));
            assertThat(maps(rig).traffic(BYTES_SENT)).as("redirected").isBetween((long) totalLimit, redirectedBound);
            assertThat(flood.most()).as("of one connection").isBetween(64L << 10, 16L << 20);
            assertThat(proc.tcpMemoryBytes() - before).as("kernel memory").isLessThan(bound * 2);
            assertThat(ProcFs.slabBytes() - slabBefore).as("kernel objects").isLessThan(bound);
            Payload other = new Payload(2, 8 << 20);
            CompletableFuture<Void> unaffected = exchange(free, other, other);
            unaffected.join();
            links.forEach(Link::close);
            assertThatTablesAreEmpty(rig);
            Payload after = new Payload(12, 1 << 20);
            long redirected = maps(rig).traffic(BYTES_SENT);
            Link link = rig.open();
            link.client().send(Arrays.copyOf(after.bytes(), limit));
            assertThat(maps(rig).traffic(BYTES_SENT) - redirected)
                    .as("closed connections hold nothing")
                    .isEqualTo(limit);
            link.close();
        }
    }

    @Test
    @DisplayName("12: a writer of single bytes, reader stopped: what the kernel needs around them counts, too")
    void shouldBoundTheMessagesOfAStoppedReader() {
        int bytes = 100_000;
        int most = (4 << 20) / (1 + 1024) + 1; // A byte and a message each, and the one that exceeds the limit.
        Rig rig = shared;
        byte[] data = new Payload(13, bytes).bytes();
        long before = maps(rig).traffic(MESSAGES_SENT);
        long fallenBackBefore = maps(rig).traffic(OVER_LIMIT);
        long slabBefore = ProcFs.slabBytes();
        try (Link link = rig.open()) {
            CompletableFuture<Peer> sent = CompletableFuture.supplyAsync(() -> {
                for (byte one : data) {
                    link.client().send(new byte[] {one});
                }
                return link.client().finish();
            });
            Await.until(() -> "over the limit", SOON, () -> maps(rig).traffic(OVER_LIMIT) > fallenBackBefore);
            assertThat(maps(rig).traffic(MESSAGES_SENT) - before).isEqualTo(most);
            assertThat(ProcFs.slabBytes() - slabBefore).as("kernel objects").isLessThan(64 << 20);
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.FIN, data));
            sent.join();
            link.server().finish();
            assertThat(rig.proxy().awaitEnd(link.client().local()).bytesUp()).isEqualTo(link.hello().length + bytes);
        }
    }

    @Test
    @DisplayName(
            "12: above the limit a direction goes through TCP until all is read: nothing lost, nothing out of order")
    void shouldKeepTheOrderWhenADirectionFallsBack() {
        Payload payload = new Payload(3, 20 << 20);
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.limit", "64K"));
                Link link = rig.open()) {
            CompletableFuture<Peer> up = link.client().sending(payload).thenApply(Peer::finish);
            CompletableFuture<Peer> down = link.server().sending(payload).thenApply(Peer::finish);
            Await.pause(Duration.ofMillis(300)); // Both readers are stopped for long enough to fall behind.
            CompletableFuture<Received> atServer = link.server().receiving();
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.FIN, payload));
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, payload));
            up.join();
            down.join();
            assertThat(maps(rig).traffic(BYTES_SENT)).isBetween(64L << 10, payload.length() - 1);
            AccessLine line = rig.proxy().awaitEnd(link.client().local());
            assertThat(line.bytesUp()).isEqualTo(link.hello().length + payload.length());
            assertThat(line.bytesDown()).isEqualTo(payload.length());
        }
    }

    @Test
    void shouldRedirectAgainWhenTheReaderHasCaughtUp() {
        int burst = 1 << 20;
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.limit", "64K"));
                Link link = rig.open()) {
            for (int i = 0; i < 5; i++) {
                byte[] data = new Payload(40 + i, burst).bytes();
                long before = maps(rig).traffic(BYTES_SENT);
                CompletableFuture<Peer> sent =
                        CompletableFuture.supplyAsync(() -> link.client().send(data));
                assertThat(link.server().read(burst)).isEqualTo(data);
                sent.join();
                assertThat(maps(rig).traffic(BYTES_SENT)).as("burst %d", i).isGreaterThan(before);
                link.server().send(data, 0, 100);
                assertThat(link.client().read(100)).isEqualTo(Arrays.copyOf(data, 100));
            }
            long before = maps(rig).traffic(BYTES_SENT);
            for (int i = 0; i < 1000; i++) {
                link.client().send(new byte[100]);
                link.server().read(100);
            }
            assertThat(maps(rig).traffic(BYTES_SENT) - before)
                    .as("small messages after large ones")
                    .isEqualTo(100_000);
        }
    }

    @Test
    @DisplayName("11: a process that closes with bytes unread: RST to the sender, as from TCP")
    void shouldResetTheSenderWhenTheReceiverClosesWithBytesUnread() {
        Rig rig = shared;
        try (Link link = rig.open()) {
            link.client().send(new Payload(4, 100_000));
            link.server().close();
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.RST));
        }
        try (Link link = rig.open()) {
            link.server().send(new Payload(5, 100_000));
            link.client().close();
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.RST));
        }
        assertThatTablesAreEmpty(rig);
    }

    @Test
    @DisplayName("13: silent peers are reaped by the idle timer, busy ones are not")
    void shouldReapIdleConnections() {
        try (Rig rig = rig(config -> config.set("timeouts.idle", "1s"));
                Link idle = rig.open();
                Link busy = rig.open()) {
            for (int i = 0; i < 15; i++) {
                busy.client().send(new byte[100]);
                busy.server().read(100);
                Await.pause(Duration.ofMillis(100));
            }
            assertThat(idle.client().receive()).isEqualTo(Received.of(Ending.RST));
            assertThat(idle.server().receive()).isEqualTo(Received.of(Ending.RST));
            assertThat(rig.proxy().awaitEnd(idle.client().local()).end()).isEqualTo("idle_timeout");
            busy.server().send(new byte[100]);
            assertThat(busy.client().read(100)).containsOnly(0);
        }
    }

    @Test
    @DisplayName("17: map of sockets full: the relay carries the rest, no connection lost")
    void shouldRelayWhatTheMapHasNoRoomFor() {
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.max_entries", 4))) {
            List<Link> links = IntStream.range(0, 10).mapToObj(i -> rig.open()).toList();
            Payload payload = new Payload(6, 100_000);
            links.forEach(link -> exchange(link, payload, payload).join());
            List<AccessLine> lines =
                    Await.until("access log", SOON, rig.proxy()::accessLog, all -> all.size() == links.size());
            assertThat(lines)
                    .filteredOn(line -> line.path().equals(Optional.of(SOCKMAP)))
                    .hasSizeBetween(1, 2);
            assertThat(lines)
                    .filteredOn(line -> line.path().equals(Optional.of("relay")))
                    .hasSizeBetween(8, 9);
        }
    }

    @Test
    @DisplayName("22: kill -9 under traffic: RST to both ends, nothing stays attached, the next start works")
    void shouldResetBothEndsWhenTheProxyIsKilled() {
        ProxyConfig config;
        try (CgroupSite site = new CgroupSite();
                BackEnd backEnd = BackEnd.start(site.backEndAddress())) {
            config = ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target());
            ProxyProcess killed = ProxyProcess.start(DataPath.SOCKMAP, site, config);
            Rig rig = new Rig(DataPath.SOCKMAP, site, backEnd, killed);
            try (Link busy = rig.open();
                    Link quiet = rig.open()) {
                Flood.on(List.of(busy.client()));
                busy.server().read(1 << 20);
                killed.child().signal("KILL");
                assertThat(busy.server().receive().ending()).isEqualTo(Ending.RST);
                assertThat(quiet.client().receive()).isEqualTo(Received.of(Ending.RST));
                assertThat(quiet.server().receive()).isEqualTo(Received.of(Ending.RST));
            }
            killed.close();
            Await.until(() -> "nothing attached", SOON, () -> attached().isEmpty());
            try (ProxyProcess next = ProxyProcess.start(DataPath.SOCKMAP, site, config);
                    Link link = new Rig(DataPath.SOCKMAP, site, backEnd, next).open()) {
                Payload payload = new Payload(7, 100_000);
                exchange(link, payload, payload).join();
                assertThat(next.awaitEnd(link.client().local()).path()).contains(SOCKMAP);
            }
        }
    }

    private static String attached() {
        return Child.run(List.of(
                        "bpftool", "cgroup", "list", CgroupSite.current().toString()))
                .strip();
    }

    @Test
    @DisplayName("23: a reload that revokes a route ends its connections with RST")
    void shouldResetConnectionsOfARevokedRoute() {
        try (CgroupSite site = new CgroupSite();
                BackEnd backEnd = BackEnd.start(site.backEndAddress())) {
            ProxyConfig config = ProxyConfig.on(site.proxyAddress())
                    .route(Rig.NAME, backEnd.target())
                    .route("other.site.test", backEnd.target());
            try (ProxyProcess proxy = ProxyProcess.start(DataPath.SOCKMAP, site, config);
                    Link link = new Rig(DataPath.SOCKMAP, site, backEnd, proxy).open()) {
                Flood.on(List.of(link.client()));
                link.server().read(1 << 20);
                proxy.reload(config.removeRoute(Rig.NAME));
                assertThat(link.server().receive().ending()).isEqualTo(Ending.RST);
                assertThat(proxy.awaitEnd(link.client().local()).end()).isEqualTo("revoked");
            }
        }
    }

    @Test
    @DisplayName("25: no cgroup v2: a start that insists on it fails and says why")
    void shouldSayThatThereIsNoCgroup() {
        List<String> withoutCgroup2 = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "umount -l $(awk '$3 == \"cgroup2\" { print $2 }' /proc/self/mounts) && exec \"$@\"",
                "sh");
        try (CgroupSite site = new CgroupSite();
                ProxyProcess proxy = ProxyProcess.launch(
                        withoutCgroup2,
                        DataPath.SOCKMAP.configure(
                                ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, "127.0.0.1:1")))) {
            String said = proxy.child().awaitLine("the reason", SOON, line -> line.contains("no cgroup2 file system"));
            assertThat(said).contains("connections are relayed", "mount -t cgroup2");
        }
    }

    @Test
    @DisplayName("26: started twice: the second is refused, the first goes on")
    void shouldGoOnWhenASecondProxyIsRefused() {
        Payload payload = new Payload(8, 100_000);
        Rig rig = shared;
        try (Link before = rig.open();
                ProxyProcess second = ProxyProcess.launch(
                        List.of(),
                        DataPath.SOCKMAP
                                .configure(ProxyConfig.on(rig.site().proxyAddress()))
                                .route(Rig.NAME, rig.backEnd().target())
                                .set("listen_addr", ProxyConfig.text(rig.proxy().address())))) {
            assertThat(second.child().awaitExit(SOON)).isNotZero();
            assertThat(second.log()).contains("it is in use");
            Link after = rig.open();
            for (Link link : List.of(before, after)) {
                exchange(link, payload, payload).join();
                assertThat(rig.proxy().awaitEnd(link.client().local()).path()).contains(SOCKMAP);
            }
        }
    }

    @Test
    @DisplayName("27: churn leaves nothing in any table")
    void shouldLeaveNothingBehindAfterChurn() {
        Payload payload = new Payload(9, 1000);
        Rig rig = shared;
        for (int i = 0; i < 1000; i++) {
            Link link = rig.open();
            switch (i % 4) {
                case 0 -> exchange(link, payload, payload).join();
                case 1 -> link.client().reset();
                case 2 -> link.server().reset();
                default -> link.client().send(payload).close();
            }
            link.close();
        }
        assertThatTablesAreEmpty(rig);
    }

    @Test
    void shouldLeaveForeignSocketsAlone() {
        Rig rig = shared;
        try (BackEnd foreign = BackEnd.start(rig.site().backEndAddress());
                Link link = rig.open()) {
            List<Peer> peers = Stream.of(foreign, rig.backEnd())
                    .map(backEnd -> Peer.connect(backEnd.address()))
                    .toList();
            assertThat(maps(rig).entries("SOCK_MAP")).isEqualTo(2);
            peers.forEach(Peer::close);
            rig.backEnd().accept().close();
            exchange(link, new Payload(10, 1000), new Payload(11, 1000)).join();
        }
    }

    @Test
    void shouldLeaveRunningConnectionsToTheRelayWhenDetached() throws ConfigException, StartException {
        try (CgroupSite site = new CgroupSite();
                BackEnd backEnd = BackEnd.start(site.backEndAddress())) {
            ProxyConfig file = ProxyConfig.on(site.proxyAddress()).route(Rig.NAME, backEnd.target());
            Config config = ConfigLoader.parse(DataPath.SOCKMAP.configure(file).json());
            byte[] hello = Hello.of(Rig.NAME).bytes();
            byte[] redirected = new Payload(30, 100_000).bytes();
            Payload relayed = new Payload(31, 1 << 20);
            KernelPaths kernel = KernelPaths.start(config.ebpf());
            try (SniProxy _ = SniProxy.start(config, kernel.paths(), List.of());
                    Peer client = Peer.connect(file.address()).send(hello);
                    Peer server = backEnd.accept()) {
                server.read(hello.length);
                client.send(redirected);
                CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> server.read(redirected.length));
                assertThat(new ProxyMaps(ProcessHandle.current().pid()).traffic(BYTES_SENT))
                        .isEqualTo(redirected.length);
                kernel.close();
                assertThat(read.join()).isEqualTo(redirected);
                exchange(new Link(client, server, hello), relayed, relayed).join();
            } finally {
                kernel.close();
            }
        }
    }

    @Test
    void shouldRefuseKernelTlsToSocketsThatTakePartAndToNoOthers() {
        Rig rig = shared;
        String client = """
                import errno, socket, sys
                TCP_ULP = 31
                def ask(s):
                    try:
                        s.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
                        return "kernel TLS"
                    except OSError as e:
                        return errno.errorcode[e.errno]
                to = (sys.argv[1], int(sys.argv[2]))
                listener = socket.create_server((sys.argv[1], 0))
                foreign = socket.create_connection(listener.getsockname())
                print("foreign", ask(foreign), flush=True)
                s = socket.create_connection(to)
                print("enrolled", ask(s), flush=True)
                s.sendall(bytes.fromhex(sys.argv[3]))
                assert s.recv(1) == b"!"
                print("paired", ask(s), flush=True)
                s.sendall(b"x" * 100000)
                s.shutdown(socket.SHUT_WR)
                got = b""
                while chunk := s.recv(65536): got += chunk
                print("received", len(got), flush=True)
                """;
        byte[] hello = Hello.of(Rig.NAME).bytes();
        long before = maps(rig).traffic(BYTES_SENT);
        try (Child python = Child.start(
                        "client that wants kernel TLS",
                        List.of(
                                "python3",
                                "-c",
                                client,
                                rig.proxy().address().getHostString(),
                                Integer.toString(rig.proxy().address().getPort()),
                                HexFormat.of().formatHex(hello)));
                Peer server = rig.backEnd().accept()) {
            assertThat(server.read(hello.length)).isEqualTo(hello);
            server.send("!".getBytes(StandardCharsets.US_ASCII));
            byte[] data = new byte[100_000];
            Arrays.fill(data, (byte) 'x');
            assertThat(server.receive()).isEqualTo(Received.of(Ending.FIN, data));
            server.send(new byte[50_000]).close();
            python.awaitLine("the end", SOON, "received 50000"::equals);
            python.awaitLine("the answer before pairing", SOON, "enrolled EPERM"::equals);
            python.awaitLine("the answer after pairing", SOON, "paired EPERM"::equals);
            // Without CONFIG_TLS the kernel says ENOENT.
            String foreign = python.awaitLine("a foreign socket's", SOON, line -> line.startsWith("foreign "));
            assertThat(foreign).isIn("foreign ENOENT", "foreign kernel TLS");
            assertThat(maps(rig).traffic(BYTES_SENT) - before).isEqualTo(data.length);
        }
    }

    @Test
    void shouldRelayMultipathTcp() {
        Rig rig = shared;
        String client = """
                import socket, sys
                s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
                s.connect((sys.argv[1], int(sys.argv[2])))
                print("port", s.getsockname()[1], flush=True)
                s.sendall(bytes.fromhex(sys.argv[3]))
                s.sendall(b"x" * 100000)
                s.shutdown(socket.SHUT_WR)
                got = b""
                while chunk := s.recv(65536): got += chunk
                print("received", len(got), flush=True)
                """;
        byte[] hello = Hello.of(Rig.NAME).bytes();
        InetSocketAddress proxy = rig.proxy().address();
        try (Child python = Child.start(
                        "mptcp client",
                        List.of(
                                "python3",
                                "-c",
                                client,
                                proxy.getHostString(),
                                Integer.toString(proxy.getPort()),
                                HexFormat.of().formatHex(hello)));
                Peer server = rig.backEnd().accept()) {
            byte[] data = new byte[100_000];
            Arrays.fill(data, (byte) 'x');
            assertThat(server.receive()).isEqualTo(Received.of(Ending.FIN, hello, data));
            server.send(new byte[50_000]).close();
            python.awaitLine("the end", SOON, "received 50000"::equals);
            String port = python.awaitLine("its port", SOON, line -> line.startsWith("port "));
            int local = Integer.parseInt(port.substring("port ".length()));
            assertThat(rig.proxy()
                            .awaitEnd(new InetSocketAddress(proxy.getAddress(), local))
                            .path())
                    .contains("relay");
        }
    }
}
