package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProcFs;
import net.sniproxy.e2e.harness.VethSite;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.peers.Certificates;
import net.sniproxy.e2e.peers.Curl;
import net.sniproxy.e2e.peers.Danted;
import net.sniproxy.e2e.peers.Dig;
import net.sniproxy.e2e.peers.Dnsmasq;
import net.sniproxy.e2e.peers.Nginx;
import net.sniproxy.e2e.peers.OpenSsl;
import net.sniproxy.e2e.peers.ScriptedDns;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Flood;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The peers against each other, without a proxy: what fails elsewhere is then not the harness. */
class HarnessTest {
    private static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
    private static Workspace workspace = Workspace.create();
    private static Certificates certificates = Certificates.in(workspace.directory());

    @AfterAll
    static void removeFiles() {
        workspace.close();
    }

    @BeforeAll
    static void checkCertificates() {
        assertThat(certificates.certificate()).isNotEmptyFile();
    }

    @Test
    void shouldTellFinFromRstFromNeither() {
        try (BackEnd backEnd = BackEnd.start(LOCALHOST)) {
            Payload payload = new Payload(1, 100_000);
            try (Peer client = Peer.connect(backEnd.address());
                    Peer server = backEnd.accept()) {
                CompletableFuture<Received> received = server.receiving();
                client.send(payload).finish();
                assertThat(received.join()).isEqualTo(Received.of(Ending.FIN, payload));
                assertThat(client.silentFor(Duration.ofMillis(50))).isTrue();
                server.reset();
                assertThat(client.receive()).isEqualTo(Received.of(Ending.RST));
            }
            assertThat(backEnd.accepted()).isOne();
        }
    }

    @Test
    void shouldSeeEveryDifferenceInWhatIsReceived() {
        Payload payload = new Payload(1, 10);
        Received right = Received.of(Ending.FIN, payload);
        assertThat(Received.of(Ending.FIN, payload.bytes())).isEqualTo(right);
        assertThat(Received.of(Ending.RST, payload)).isNotEqualTo(right);
        assertThat(Received.of(Ending.FIN, new Payload(1, 9))).isNotEqualTo(right);
        assertThat(Received.of(Ending.FIN, new Payload(2, 10))).isNotEqualTo(right);
    }

    @Test
    void shouldFindHowMuchAStoppedReaderTakes() {
        try (BackEnd backEnd = BackEnd.startWithReceiveBuffer(LOCALHOST, 8192);
                Peer client = Peer.connect(backEnd.address())) {
            long taken = Flood.on(List.of(client)).untilStuck(Duration.ofMillis(100));
            assertThat(taken).isBetween(8192L, 64L << 20);
        }
    }

    @Test
    void shouldBuildHellosThatRealServersTake() {
        try (Nginx nginx = nginx()) {
            for (Hello hello : List.of(
                    Hello.of("a.site.test").alpn("h2"),
                    Hello.of("a.site.test").recordsOf(20),
                    Hello.of("a.site.test").encryptedInner(),
                    Hello.anonymous())) {
                // A server that understands answers with a ServerHello or, as there is no key share, asks for one.
                try (Peer client = Peer.connect(nginx.address())) {
                    assertThat(client.send(hello.bytes()).read(6)[0]).isEqualTo((byte) 22);
                }
            }
            try (Peer client = Peer.connect(nginx.address())) {
                byte[] broken = Hello.of("a.site.test").bytes();
                Hello.LengthField list = Hello.of("a.site.test").lengthFields().stream()
                        .filter(field -> field.name().equals("server name list"))
                        .findFirst()
                        .orElseThrow();
                broken[list.offset() + 1]++;
                Answer answer = client.send(broken).answer();
                assertThat(answer.alert()).contains(50);
            }
        }
    }

    private static Nginx nginx() {
        return Nginx.builder()
                .listen(new InetSocketAddress(LOCALHOST, Ports.free()))
                .start(workspace, certificates);
    }

    @Test
    void shouldMoveFilesBetweenCurlAndNginx() {
        Payload payload = new Payload(3, 5_000_000);
        try (Nginx nginx = nginx()) {
            Curl curl = new Curl(nginx.address(), certificates);
            payload.writeTo(nginx.root().resolve("down"));
            Path down = workspace.path("down");
            curl.download("https://a.site.test/down", down);
            curl.upload(down, "https://a.site.test/up");
            assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("up")))
                    .isEqualTo(Received.of(Ending.FIN, payload));
            assertThat(curl.get("--http1.1", "--tls-max", "1.2", "https://a.site.test/who"))
                    .contains("sni=a.site.test tls=TLSv1.2 http=HTTP/1.1");
            assertThat(curl.get("https://b.site.test/who")).contains("sni=b.site.test tls=TLSv1.3 http=HTTP/2.0");
            assertThat(new Curl(nginx.address(), certificates)
                            .run("https://not.example/")
                            .exitCode())
                    .as("a name that is not in the certificate")
                    .isEqualTo(60);
        }
    }

    @Test
    void shouldSendEarlyDataBetweenOpensslClientAndServer() {
        InetSocketAddress address = new InetSocketAddress(LOCALHOST, Ports.free());
        Path session = workspace.path("session");
        Path early = workspace.write("early", "sent before the handshake was done\n");
        try (Child server = OpenSsl.server(address, certificates)) {
            OpenSsl.talk(address, "a.site.test", certificates, server, "-sess_out", session.toString());
            String output = OpenSsl.talk(
                    address,
                    "a.site.test",
                    certificates,
                    server,
                    "-sess_in",
                    session.toString(),
                    "-early_data",
                    early.toString());
            assertThat(output).contains("Early data was accepted");
            server.awaitLine("early data", Duration.ofSeconds(20), "sent before the handshake was done"::equals);
        }
    }

    @Test
    void shouldReachNamesThatOnlyTheSocksServerKnows() {
        try (Nginx nginx = nginx();
                Danted danted =
                        Danted.withUser(workspace, Map.of("hidden.site.test", "127.0.0.1"), "anna", "s3cret word")) {
            String url = "https://hidden.site.test:" + nginx.address().getPort() + "/who";
            Curl curl = new Curl(nginx.address(), certificates);
            String socks = "anna:s3cret%20word@" + danted.target();
            assertThat(curl.get(
                            "--connect-to",
                            "::hidden.site.test:" + nginx.address().getPort(),
                            "-x",
                            "socks5h://" + socks,
                            url))
                    .contains("sni=hidden.site.test");
            assertThat(curl.run("-x", "socks5h://anna:wrong@" + danted.target(), url)
                            .exitCode())
                    .isEqualTo(97);
            assertThat(nginx.log()).isEmpty();
        }
    }

    @Test
    void shouldAnswerNamesByDnsmasqAndByScript() {
        try (Dnsmasq dnsmasq = Dnsmasq.start("--host-record=a.site.test,127.0.0.9");
                ScriptedDns script = ScriptedDns.start().address("a.site.test", "127.0.0.9")) {
            for (String url : List.of(dnsmasq.url(), script.url())) {
                assertThat(Dig.addresses(url, "a.site.test")).containsExactly("127.0.0.9");
                assertThat(Dig.addresses(url, "b.site.test")).isEmpty();
            }
            assertThat(dnsmasq.queries("a.site.test")).isOne();
            assertThat(script.asked("a.site.test")).isOne();
        }
    }

    @Test
    void shouldPutAProcessBehindTwoLinks() {
        try (VethSite site = new VethSite();
                BackEnd backEnd = BackEnd.start(site.backEndAddress())) {
            String route =
                    site.inside("ip", "route", "get", site.backEndAddress().getHostAddress());
            assertThat(route).contains("dev " + site.backEndInterface());
            assertThat(backEnd.address().getAddress()).isEqualTo(site.backEndAddress());
            assertThat(site.inside("ip", "-br", "link")).contains(site.clientInterface());
        }
    }

    @Test
    void shouldReadProcessesAndEndThem() {
        Child child = Child.start("sleeper", List.of("/bin/sh", "-c", "echo up; sleep 100 & wait"));
        child.awaitLine("up", Duration.ofSeconds(20), "up"::equals);
        ProcFs proc = new ProcFs(child.pid());
        assertThat(proc.residentBytes()).isPositive();
        assertThat(proc.threads()).isOne();
        assertThat(proc.descriptors()).isGreaterThanOrEqualTo(3);
        assertThat(proc.sockets()).isZero();
        assertThat(proc.tcpMemoryBytes()).isNotNegative();
        ProcessHandle offspring = Await.until(
                        "its child",
                        Duration.ofSeconds(20),
                        () -> ProcessHandle.of(child.pid())
                                .orElseThrow()
                                .children()
                                .toList(),
                        list -> !list.isEmpty())
                .getFirst();
        child.close();
        assertThat(child.alive()).isFalse();
        Await.until(() -> "the end of its child", Duration.ofSeconds(20), () -> !offspring.isAlive());
        assertThatThrownBy(proc::threads).isInstanceOf(AssertionError.class);
    }
}
