package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.peers.Certificates;
import net.sniproxy.e2e.peers.Curl;
import net.sniproxy.e2e.peers.Danted;
import net.sniproxy.e2e.peers.Nginx;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that cross a network on either side are forwarded by the kernel alone, whatever they carry. */
class SpliceTest {
    private static final String WEB = "web.site.test";
    private static final String WEB_V6 = "six.site.test";
    private static final String TALKATIVE = "first.site.test";
    private static final String SOCKS = "socks.site.test";
    private static final long GIGABYTE = 1L << 30;
    /** Receive buffer, bytes. */
    private static final int SMALL_BUFFER = 4_096;

    private static final Resources resources = new Resources();
    private static ThreeHosts hosts;
    private static Workspace workspace;
    private static Certificates certificates;
    private static Nginx nginx;
    private static BackEnd talkative;
    private static Rig rig;
    private static InetSocketAddress listenerV6;

    @BeforeAll
    static void start() {
        hosts = resources.add(new ThreeHosts());
        workspace = resources.add(Workspace.create());
        certificates = Certificates.in(workspace.directory());
        InetSocketAddress plain = new InetSocketAddress(hosts.backEndAddress(), Ports.free());
        InetSocketAddress six = new InetSocketAddress(hosts.backEndAddressV6(), Ports.free());
        InetSocketAddress proxied = new InetSocketAddress(hosts.backEndAddress(), Ports.free());
        nginx = resources.add(hosts.amongBackEnds(() -> Nginx.builder()
                .listen(plain)
                .listen(six)
                .listenProxyProtocol(proxied)
                .start(workspace, certificates)));
        Danted socks =
                resources.add(hosts.amongBackEnds(() -> Danted.open(workspace, Map.of(), hosts.backEndAddress())));
        BackEnd backEnd = hosts.amongBackEnds(() -> BackEnd.start(hosts.backEndAddress()));
        talkative = resources.add(
                hosts.amongBackEnds(() -> BackEnd.startWithReceiveBuffer(hosts.backEndAddress(), SMALL_BUFFER)));
        listenerV6 = new InetSocketAddress(hosts.proxyAddressV6(), Ports.free());
        rig = resources.add(Rig.start(
                DataPath.SPLICE,
                hosts,
                backEnd,
                config -> config.set(
                                "listen_addr",
                                List.of(ProxyConfig.text(config.address()), ProxyConfig.text(listenerV6)))
                        .set("socks5.addr", socks.target())
                        .route(TALKATIVE, talkative.target())
                        .route(WEB, ProxyConfig.text(plain))
                        .route(WEB_V6, ProxyConfig.text(six))
                        .route(Map.of(
                                "match", "v1.site.test", "upstream", ProxyConfig.text(proxied), "send_proxy", "v1"))
                        .route(Map.of(
                                "match", "v2.site.test", "upstream", ProxyConfig.text(proxied), "send_proxy", "v2"))
                        .route(Map.of("match", SOCKS, "upstream", ProxyConfig.text(plain), "via", "socks5"))));
    }

    @AfterAll
    static void stop() {
        resources.close();
    }

    @ParameterizedTest(name = "TLS {0}")
    @CsvSource({"1.2, --http1.1", "1.3, --http2"})
    void shouldCarryAGigabyteEachWay(String version, String http) {
        Payload payload = new Payload(1, GIGABYTE);
        Received whole = Received.of(Ending.FIN, payload);
        Path sent = payload.writeTo(nginx.root().resolve("large"));
        Path down = workspace.path("down");
        Curl curl = new Curl(proxy().address(), certificates);
        String[] options = {"--tls-max", version, http};
        int before = proxy().accessLog().size();

        hosts.amongClients(() -> {
            curl.download("https://" + WEB + "/large", down, options);
            curl.upload(sent, "https://" + WEB + "/uploaded", options);
            return true;
        });

        assertThat(Received.inFile(Ending.FIN, down)).isEqualTo(whole);
        assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("uploaded")))
                .isEqualTo(whole);
        assertThat(ended(
                        "both",
                        () -> proxy().accessLog().stream()
                                .skip(before)
                                .filter(line -> line.bytesDown() > GIGABYTE || line.bytesUp() > GIGABYTE)
                                .toList(),
                        2))
                .allMatch(SpliceTest::spliced);
    }

    @Test
    void shouldCarryAThousandConnectionsAtOnceHalfOfThemIdle() {
        Payload up = new Payload(2, 40_000);
        Payload down = new Payload(3, 60_000);
        int before = proxy().accessLog().size();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            links.add(rig.open());
        }
        List<Link> idle = links.subList(500, 1000);
        Link.exchangeAll(links.subList(0, 500), up, down);
        // They have been silent all the time, like a WebSocket between two messages.
        Link.exchangeAll(idle, up, down);
        for (Link link : links) {
            AccessLine line = proxy().awaitEnd(link.client(), before);
            assertThat(line).satisfies(SpliceTest::mustBeSpliced);
            assertThat(line.end()).isEqualTo("completed");
            assertThat(line.bytesUp()).isEqualTo(link.hello().length + up.length());
            assertThat(line.bytesDown()).isEqualTo(down.length());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1.site.test", "v2.site.test"})
    void shouldTellTheUpstreamWhoTheClientIs(String name) {
        assertThat(who(rig.proxy().address(), name)).contains("sni=" + name).contains("from=10.77.1.1:");
        assertThat(ended(name, () -> lines(name), 1)).allMatch(SpliceTest::spliced);
    }

    @Test
    void shouldSpliceThroughASocksServer() {
        Payload payload = new Payload(4, 20_000_000);
        payload.writeTo(nginx.root().resolve("socks"));
        Path down = workspace.path("socks-down");
        hosts.amongClients(() -> {
            new Curl(proxy().address(), certificates).download("https://" + SOCKS + "/socks", down);
            return true;
        });
        assertThat(Received.inFile(Ending.FIN, down)).isEqualTo(Received.of(Ending.FIN, payload));
        assertThat(ended(SOCKS, () -> lines(SOCKS), 1)).allMatch(SpliceTest::spliced);
    }

    @Test
    void shouldSpliceIpv6() {
        Payload payload = new Payload(5, 50_000_000);
        Path sent = payload.writeTo(nginx.root().resolve("six"));
        Path down = workspace.path("six-down");
        hosts.amongClients(() -> {
            Curl curl = new Curl(listenerV6, certificates);
            curl.download("https://" + WEB_V6 + "/six", down);
            curl.upload(sent, "https://" + WEB_V6 + "/six-up");
            return true;
        });
        assertThat(Received.inFile(Ending.FIN, down)).isEqualTo(Received.of(Ending.FIN, payload));
        assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("six-up")))
                .isEqualTo(Received.of(Ending.FIN, payload));
        assertThat(ended(WEB_V6, () -> lines(WEB_V6), 2)).allMatch(SpliceTest::spliced);
    }

    @Test
    void shouldRelayBetweenFamilies() {
        assertThat(who(listenerV6, WEB)).contains("sni=" + WEB);
        assertThat(ended(
                        "IPv6 to IPv4",
                        () -> lines(WEB).stream()
                                .filter(line -> line.client().startsWith("[fd00"))
                                .toList(),
                        1))
                .allMatch(line -> line.path().equals(Optional.of("relay")))
                .allMatch(line -> line.pathReason().equals(Optional.of("splice: one leg is IPv4 and the other IPv6")));
    }

    /** Its window has no room for the whole hello, so what it says comes before it has acknowledged that. */
    @Test
    void shouldRelayWhereTheUpstreamSpeaksFirst() {
        int before = proxy().accessLog().size();
        byte[] hello = Hello.of(TALKATIVE).padding(20_000).bytes();
        byte[] greeting = new Payload(6, 100).bytes();
        Payload up = new Payload(7, 1_000_000);
        Payload down = new Payload(8, 2_000_000);
        Peer client = rig.connect().send(hello);
        Peer server = talkative.accept();
        byte[] start = server.read(1);
        server.send(greeting);
        assertThat(client.read(greeting.length)).isEqualTo(greeting);
        byte[] rest = server.read(hello.length - start.length);
        assertThat(start).isEqualTo(Arrays.copyOf(hello, start.length));
        assertThat(rest).isEqualTo(Arrays.copyOfRange(hello, start.length, hello.length));

        new Link(client, server, hello).exchange(up, down).join();

        AccessLine line = proxy().awaitEnd(client, before);
        assertThat(line.path()).as(line.text()).contains("relay");
        assertThat(line.pathReason())
                .as(line.text())
                .contains("splice: the upstream spoke before it had the whole ClientHello");
        assertThat(line.end()).as(line.text()).isEqualTo("completed");
        assertThat(line.bytesUp()).as(line.text()).isEqualTo(hello.length + up.length());
        assertThat(line.bytesDown()).as(line.text()).isEqualTo(greeting.length + down.length());
    }

    private static ProxyProcess proxy() {
        return rig.proxy();
    }

    private static String who(InetSocketAddress through, String name) {
        return hosts.amongClients(() -> new Curl(through, certificates).get("https://" + name + "/who"));
    }

    private static List<AccessLine> lines(String name) {
        return proxy().accessLog().stream()
                .filter(line -> line.name().equals(Optional.of(name)))
                .toList();
    }

    /** Waits for lines: they are written when the kernel has reported the end, which the client may see earlier. */
    private static List<AccessLine> ended(String what, Callable<List<AccessLine>> lines, int atLeast) {
        return Await.until("the access log: " + what, Duration.ofSeconds(20), lines, found -> found.size() >= atLeast);
    }

    private static boolean spliced(AccessLine line) {
        return line.path().equals(Optional.of("splice"));
    }

    private static void mustBeSpliced(AccessLine line) {
        assertThat(line.path()).as(line.text()).contains("splice");
    }
}
