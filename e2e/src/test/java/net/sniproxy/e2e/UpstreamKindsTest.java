package net.sniproxy.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.peers.Certificates;
import net.sniproxy.e2e.peers.Curl;
import net.sniproxy.e2e.peers.Danted;
import net.sniproxy.e2e.peers.Dnsmasq;
import net.sniproxy.e2e.peers.Nginx;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The ways to an upstream: names by DNS, SOCKS5, unix sockets, IPv6, with and without the PROXY protocol. */
class UpstreamKindsTest {
    private static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress LOCALHOST_V6 = InetAddress.ofLiteral("::1");
    /** Where a server can have port 443 for itself, as upstreams of the lists need. */
    private static final InetAddress WITH_443 = Ports.loopbackAddressWith(443);

    private static final String USER = "anna";
    private static final String PASSWORD = "s3cret word";

    @AutoClose
    private static final Workspace workspace = Workspace.create();

    @AutoClose
    private static Nginx nginx;

    @AutoClose
    private static Danted socks;

    @AutoClose
    private static Dnsmasq dns;

    @AutoClose
    private static ProxyProcess proxy;

    private static Certificates certificates;
    private static InetSocketAddress secondListener;

    @BeforeAll
    static void start() {
        certificates = Certificates.in(workspace.directory());
        InetSocketAddress plain = new InetSocketAddress(LOCALHOST, Ports.free());
        InetSocketAddress six = new InetSocketAddress(LOCALHOST_V6, Ports.free());
        InetSocketAddress proxied = new InetSocketAddress(LOCALHOST, Ports.free());
        nginx = Nginx.builder()
                .listen(plain)
                .listen(six)
                .listen(new InetSocketAddress(WITH_443, 443))
                .listenProxyProtocol(proxied)
                .listenUnix(workspace.path("nginx.socket"))
                .start(workspace, certificates);
        String onlySocksKnows = WITH_443.getHostAddress();
        socks = Danted.withUser(
                workspace,
                Map.of("remote.site.test", onlySocksKnows, "listed.site.test", onlySocksKnows),
                USER,
                PASSWORD);
        dns = Dnsmasq.start(
                "--host-record=four.site.test,127.0.0.1",
                "--host-record=six.site.test,::1",
                "--host-record=list.site.test," + onlySocksKnows,
                "--host-record=deep.list.site.test," + onlySocksKnows,
                "--cname=alias.site.test,four.site.test");
        ProxyConfig config = ProxyConfig.on(LOCALHOST);
        secondListener = new InetSocketAddress(LOCALHOST_V6, Ports.free());
        proxy = ProxyProcess.start(
                Site.loopback(),
                config.set("listen_addr", List.of(ProxyConfig.text(config.address()), ProxyConfig.text(secondListener)))
                        .set("dns.servers", List.of(dns.url()))
                        .set("socks5.addr", socks.target())
                        .set("socks5.username", USER)
                        .set("socks5.password", PASSWORD)
                        .set("whitelist", List.of("list.site.test", "*.list.site.test"))
                        .set("socks5_whitelist", List.of("listed.site.test"))
                        .set("accept_proxy", List.of("127.0.0.9/32"))
                        .route("four.site.test", "*:" + plain.getPort())
                        .route("alias.site.test", "*:" + plain.getPort())
                        .route("six.site.test", "*:" + six.getPort())
                        .route("literal-six.site.test", ProxyConfig.text(six))
                        .route("unix.site.test", "unix:" + workspace.path("nginx.socket"))
                        .route(withProxyHeader("v1.site.test", proxied, "v1"))
                        .route(withProxyHeader("v2.site.test", proxied, "v2"))
                        .route(Map.of("match", "remote.site.test", "upstream", "*:443", "via", "socks5")));
    }

    private static Map<String, Object> withProxyHeader(String name, InetSocketAddress target, String version) {
        return Map.of("match", name, "upstream", ProxyConfig.text(target), "send_proxy", version);
    }

    private static String who(String name, String... options) {
        return who(proxy.address(), name, options);
    }

    private static String who(InetSocketAddress through, String name, String... options) {
        String[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = "https://" + name + "/who";
        return new Curl(through, certificates).get(all);
    }

    @Test
    void shouldResolveNamesByDns() {
        assertThat(who("four.site.test")).contains("sni=four.site.test");
        assertThat(who("alias.site.test")).contains("sni=alias.site.test");
        // It logs a question beside answering it.
        Await.until("a question", Duration.ofSeconds(10), () -> dns.queries("four.site.test"), asked -> asked > 0);
    }

    @Test
    void shouldReachUpstreamsOverIpv6() {
        assertThat(who("six.site.test")).contains("sni=six.site.test");
        assertThat(who("literal-six.site.test")).contains("sni=literal-six.site.test");
    }

    @Test
    void shouldAcceptClientsOverIpv6() {
        assertThat(who(secondListener, "four.site.test")).contains("sni=four.site.test");
    }

    @Test
    void shouldSendListedNamesToTheirOwnPort443() {
        assertThat(who("list.site.test")).contains("sni=list.site.test");
        Curl curl = new Curl(proxy.address(), certificates);
        assertThat(curl.get("--insecure", "https://deep.list.site.test/who")).contains("sni=deep.list.site.test");
    }

    @Test
    void shouldReachNamesThatOnlyTheSocksServerKnows() {
        assertThat(who("remote.site.test")).contains("sni=remote.site.test");
        assertThat(who("listed.site.test")).contains("sni=listed.site.test");
        Await.until("who asked", Duration.ofSeconds(10), socks::log, log -> log.contains("username%" + USER));
        assertThat(dns.queries("remote.site.test")).isZero();
    }

    @Test
    void shouldMoveFilesThroughSocks() {
        Payload payload = new Payload(5, 20_000_000);
        Received whole = Received.of(Ending.FIN, payload);
        Curl curl = new Curl(proxy.address(), certificates);
        payload.writeTo(nginx.root().resolve("socks"));
        curl.download("https://remote.site.test/socks", workspace.path("socks-down"));
        curl.upload(workspace.path("socks-down"), "https://remote.site.test/socks-up");
        assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("socks-up")))
                .isEqualTo(whole);
    }

    @Test
    void shouldReachUnixSockets() {
        Payload payload = new Payload(6, 20_000_000);
        Curl curl = new Curl(proxy.address(), certificates);
        payload.writeTo(nginx.root().resolve("unix"));
        curl.download("https://unix.site.test/unix", workspace.path("unix-down"));
        assertThat(Received.inFile(Ending.FIN, workspace.path("unix-down")))
                .isEqualTo(Received.of(Ending.FIN, payload));
    }

    @Test
    void shouldTellUpstreamsTheClientByProxyProtocol() {
        for (String name : List.of("v1.site.test", "v2.site.test")) {
            assertThat(who(name, "--interface", "127.0.0.7"))
                    .contains("sni=" + name)
                    .contains("from=127.0.0.7:");
        }
    }

    @Test
    void shouldTakeTheClientFromTrustedProxyHeaders() {
        InetSocketAddress trusted = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.9"), 0);
        byte[] header = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n".getBytes(US_ASCII);
        try (Peer client = Peer.connectFrom(trusted, proxy.address())) {
            client.send(header).send(Hello.of("v1.site.test").bytes());
            assertThat(client.read(1)[0])
                    .as("a TLS record of nginx, which checks the header it gets")
                    .isEqualTo((byte) 22);
        }
        assertThat(proxy.awaitEnd(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 4711), Instant.EPOCH)
                        .upstream())
                .isPresent();
    }

    @Test
    void shouldRefuseProxyHeadersOfAnybodyElse() {
        byte[] header = "PROXY TCP4 192.0.2.8 192.0.2.1 4711 443\r\n".getBytes(US_ASCII);
        try (Peer client = Peer.connect(proxy.address())) {
            client.send(header);
            assertThat(client.receive()).isEqualTo(Received.of(Ending.FIN));
            assertThat(proxy.awaitEnd(client).end()).isEqualTo("not_tls");
        }
    }
}
