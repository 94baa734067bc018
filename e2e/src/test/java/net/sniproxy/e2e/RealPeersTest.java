package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Background;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.peers.Certificates;
import net.sniproxy.e2e.peers.Curl;
import net.sniproxy.e2e.peers.Nginx;
import net.sniproxy.e2e.peers.OpenSsl;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS as clients and servers speak it that nobody here wrote, through each data path. */
@ParameterizedClass(name = "{0}")
@EnumSource(DataPath.class)
class RealPeersTest {
    private static final String WEB = "web.site.test";
    private static final String PLAIN = "plain.site.test";
    /** Large enough that buffers, windows and counters have all gone round many times. */
    private static final long LARGE = 200L << 20;

    private static Resources resources;
    private static DataPath current;
    private static Site site;
    private static Workspace workspace;
    private static Certificates certificates;
    private static Nginx nginx;
    private static Child server;
    private static ProxyProcess proxy;
    private static Curl curl;

    @BeforeParameterizedClassInvocation
    static void start(DataPath path) {
        current = path;
        resources = new Resources();
        site = resources.add(path.site());
        workspace = resources.add(Workspace.create());
        certificates = Certificates.in(workspace.directory());
        nginx = resources.add(Nginx.builder().listen(backEndAddress()).start(workspace, certificates));
        InetSocketAddress serverAddress = backEndAddress();
        server = resources.add(OpenSsl.server(serverAddress, certificates));
        proxy = resources.add(ProxyProcess.start(
                path,
                site,
                ProxyConfig.on(site.proxyAddress())
                        .route(WEB, ProxyConfig.text(nginx.address()))
                        .route(PLAIN, ProxyConfig.text(serverAddress))));
        curl = new Curl(proxy.address(), certificates);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        resources.close();
    }

    private static InetSocketAddress backEndAddress() {
        return new InetSocketAddress(site.backEndAddress(), Ports.free());
    }

    RealPeersTest(DataPath path) {
        assertThat(current).isEqualTo(path);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "--tlsv1.2, --http1.1, TLSv1.2, HTTP/1.1",
        "--tlsv1.2, --http2, TLSv1.2, HTTP/2.0",
        "--tlsv1.3, --http1.1, TLSv1.3, HTTP/1.1",
        "--tlsv1.3, --http2, TLSv1.3, HTTP/2.0"
    })
    void shouldCarryEveryVersionOfTlsAndHttp(String tls, String http, String negotiated, String protocol) {
        String max = tls.substring("--tlsv".length());
        assertThat(curl.get(tls, "--tls-max", max, http, "https://" + WEB + "/who"))
                .contains("sni=" + WEB + " tls=" + negotiated + " http=" + protocol);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"--http1.1", "--http2"})
    void shouldCarryHundredsOfMegabytesEachWay(String http) {
        Payload payload = new Payload(1, LARGE);
        Received whole = Received.of(Ending.FIN, payload);
        Path sent = payload.writeTo(nginx.root().resolve("large"));
        Path down = workspace.path("down");
        curl.download("https://" + WEB + "/large", down, http);
        assertThat(Received.inFile(Ending.FIN, down)).isEqualTo(whole);
        curl.upload(sent, "https://" + WEB + "/uploaded", http);
        assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("uploaded")))
                .isEqualTo(whole);
    }

    @Test
    void shouldCarryADownloadAndAnUploadAtTheSameTime() {
        Payload payload = new Payload(2, LARGE / 8);
        Received whole = Received.of(Ending.FIN, payload);
        Path sent = payload.writeTo(nginx.root().resolve("both"));
        Path down = workspace.path("both-down");
        CompletableFuture<Path> upload = Background.runHere(() -> {
            curl.upload(sent, "https://" + WEB + "/both-up");
            return sent;
        });
        curl.download("https://" + WEB + "/both", down);
        upload.join();
        assertThat(Received.inFile(Ending.FIN, down)).isEqualTo(whole);
        assertThat(Received.inFile(Ending.FIN, nginx.root().resolve("both-up"))).isEqualTo(whole);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "-tls1_2, TLSv1.2, h2",
        "-tls1_2, TLSv1.2, http/1.1",
        "-tls1_3, TLSv1.3, h2",
        "-tls1_3, TLSv1.3, http/1.1"
    })
    void shouldCarryOpensslSessions(String option, String version, String protocol) {
        assertThat(talk(option, "-alpn", protocol))
                .contains("ALPN protocol: " + protocol)
                .contains("Verification: OK")
                .containsPattern("New, " + version);
    }

    @Test
    void shouldCarryEarlyData() {
        Path session = workspace.path("session");
        Path early = workspace.write("early", "sent before the handshake was done\n");
        talk("-sess_out", session.toString());
        assertThat(talk("-sess_in", session.toString(), "-early_data", early.toString()))
                .contains("Early data was accepted");
        server.awaitLine("early data", Duration.ofSeconds(20), "sent before the handshake was done"::equals);
    }

    @Test
    void shouldTellClientsThatNoRouteIsThere() {
        Curl.Result result = curl.run("https://other.site.test/");
        assertThat(result.exitCode()).isEqualTo(35);
        assertThat(result.output()).contains("unrecognized name");
    }

    @Test
    void shouldSayWhichPathEachConnectionTook() {
        curl.get("https://" + WEB + "/who");
        // Its line is written behind the end that curl has seen.
        List<AccessLine> lines = Await.until(
                "the access log of " + WEB,
                Duration.ofSeconds(20),
                () -> proxy.accessLog().stream()
                        .filter(line -> line.name().equals(Optional.of(WEB)))
                        .toList(),
                found -> !found.isEmpty());
        assertThat(lines).allMatch(line -> line.path().equals(Optional.of(current.label())));
    }

    private static String talk(String... options) {
        return OpenSsl.talk(proxy.address(), PLAIN, certificates, server, options);
    }
}
