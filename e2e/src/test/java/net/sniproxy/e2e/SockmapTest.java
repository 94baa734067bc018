package net.sniproxy.e2e;

import static net.sniproxy.e2e.Redirection.BYTES_RECEIVED;
import static net.sniproxy.e2e.Redirection.BYTES_SENT;
import static net.sniproxy.e2e.Redirection.SOCKMAP;
import static net.sniproxy.e2e.Redirection.SOON;
import static net.sniproxy.e2e.Redirection.assertThatTablesAreEmpty;
import static net.sniproxy.e2e.Redirection.exchange;
import static net.sniproxy.e2e.Redirection.maps;
import static net.sniproxy.e2e.Redirection.rig;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
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
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.CgroupSite;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Ports;
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
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Redirection between sockets of one host: what it carries, and what it leaves alone. */
@SinceKernel("6.3") // The tracepoint sock_recv_length.
class SockmapTest {
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
                assertThat(lines).anyMatch(line -> line.bytesDown() > payload.length());
                assertThat(lines).anyMatch(line -> line.bytesUp() > payload.length());
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

    // FIN and the close behind it race with the proxy: one try in ten showed a proxy that looks only once.
    @RepeatedTest(value = 30, name = RepeatedTest.LONG_DISPLAY_NAME)
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
    void shouldLeaveForeignSocketsAlone() {
        Rig rig = shared;
        try (BackEnd foreign = BackEnd.start(rig.site().backEndAddress());
                Link link = rig.open()) {
            List<Peer> peers = Stream.of(foreign, rig.backEnd())
                    .map(backEnd -> Peer.connect(backEnd.address()))
                    .toList();
            // Those of the test before leave it in their own time.
            Await.until("both of the link", SOON, () -> maps(rig).entries("SOCK_MAP"), entries -> entries == 2);
            peers.forEach(Peer::close);
            rig.backEnd().accept().close();
            exchange(link, new Payload(10, 1000), new Payload(11, 1000)).join();
        }
    }

    @Test
    void shouldRefuseKernelTlsToSocketsThatTakePartAndToNoOthers() {
        Rig rig = shared;
        String client = """
                import errno, select, socket, sys
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
                # Not recv() alone: that fails if the acknowledgement of FIN comes while it waits (docs/redirection.md, Limits).
                while select.select([s], [], []) and (chunk := s.recv(65536)): got += chunk
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
        Instant since = Instant.now();
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
                            .awaitEnd(new InetSocketAddress(proxy.getAddress(), local), since)
                            .path())
                    .contains("relay");
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
}
