package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sniproxy.app.Cli.Result;
import net.sniproxy.app.Cli.Running;
import net.sniproxy.bpf.testing.Eventually;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RunTest {
    private static final Pattern LISTENS = Pattern.compile("listens on 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern METRICS = Pattern.compile("metrics at (http://\\S+)");
    /** Longer than a test lasts. */
    private static final String LONG_DRAIN = ", \"timeouts\": {\"drain\": \"10m\"}";

    private static final byte[] NO_ROUTE_ALERT = {21, 3, 3, 0, 2, 2, 112};

    @TempDir
    Path folder;

    private Cli cli;
    private EchoServer echo;

    @BeforeEach
    void startBackEnd() throws IOException {
        cli = new Cli(folder);
        echo = new EchoServer();
    }

    @AfterEach
    void stopBackEnd() {
        echo.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "QUIT"})
    void shouldLetConnectionsEndBeforeItStops(String signal) throws Exception {
        configure("one.example.com", LONG_DRAIN);
        try (Running proxy = cli.startWithBlockedSignals("run", "-c", "config.json")) {
            stopWhileConnected(proxy, signal);
        }
    }

    @Test
    void shouldLetConnectionsEndWithoutTheLauncherToo() throws Exception {
        configure("one.example.com", LONG_DRAIN);
        try (Running proxy = cli.start("config.json")) {
            stopWhileConnected(proxy, "TERM");
        }
    }

    private void stopWhileConnected(Running proxy, String signal) throws Exception {
        int port = port(proxy);
        byte[] hello = RawClient.hello("one.example.com");
        try (RawClient client = new RawClient(port)) {
            assertThat(client.exchange(hello)).isEqualTo(hello);
            proxy.signal(signal);
            proxy.awaitOut("1 connections are open; they have 600 s to end");
            assertThatThrownBy(() -> new RawClient(port)).isInstanceOf(ConnectException.class);
            assertThat(client.exchange("still here".getBytes(StandardCharsets.UTF_8)))
                    .asString()
                    .isEqualTo("still here");
        }
        Result end = proxy.awaitEnd();
        assertThat(end.exitCode()).isZero();
        assertThat(end.err()).isEmpty();
        assertThat(end.out()).contains("end=completed").endsWith("stopped\n");
    }

    @Test
    void shouldEndAtOnceOnASecondSignal() throws Exception {
        configure("one.example.com", LONG_DRAIN);
        try (Running proxy = cli.start("run", "config.json")) {
            byte[] hello = RawClient.hello("one.example.com");
            try (RawClient client = new RawClient(port(proxy))) {
                assertThat(client.exchange(hello)).isEqualTo(hello);
                proxy.signal("TERM");
                proxy.awaitOut("they have 600 s to end");
                proxy.signal("TERM");
                assertThat(proxy.awaitEnd().exitCode()).isZero();
                assertThatThrownBy(() -> client.exchange(hello)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void shouldReadTheConfigurationAgainOnSighupAndChangeNothingForABadOne() throws Exception {
        configure("one.example.com", "");
        try (Running proxy = cli.start("run")) {
            proxy.awaitOut("configuration: " + folder.toRealPath().resolve("config.json"));
            int port = port(proxy);
            assertRouted(port, "one.example.com");
            assertRefused(port, "two.example.com");

            Files.writeString(folder.resolve("config.json"), "{\"listen_addr\": \"127.0.0.1:0\", \"routs\": []}");
            proxy.signal("HUP");
            assertThat(proxy.awaitOut("not reloaded, nothing changed")).contains("routs");
            assertRouted(port, "one.example.com");

            configure("two.example.com", "");
            proxy.signal("HUP");
            proxy.awaitOut("reloaded config.json");
            assertRouted(port, "two.example.com");
            assertRefused(port, "one.example.com");

            proxy.signal("TERM");
            assertThat(proxy.awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    void shouldSayWhatARenewedConfigurationCannotChange() throws Exception {
        Files.createFile(folder.resolve("file"));
        configure("one.example.com", "");
        try (Running proxy = cli.start("run")) {
            int port = port(proxy);
            configure("two.example.com", """
                    , "admin_socket": "other.sock", "log": {"output": "both", "file_path": "file/x.log"}
                    """);
            proxy.signal("HUP");
            assertThat(proxy.awaitOut("reloaded config.json"))
                    .contains("the log goes on as before: a log file cannot be written")
                    .contains("admin_socket and user take effect at the next start")
                    .doesNotContain("nothing changed");
            assertRouted(port, "two.example.com");
            proxy.signal("TERM");
            assertThat(proxy.awaitEnd().exitCode()).isZero();
        }
    }

    @Test
    void shouldTellWhatHappenedInLogMetricsAndTrackingFilesAcrossARestart() throws Exception {
        configure("one.example.com", """
                , "metrics": {"addr": "127.0.0.1:0"}
                , "access_log": {"format": "json", "file": "access.log"}
                , "ip_traffic_tracking": {"enabled": true, "output_file": "ip.txt", "persistence_file": "ip.json"}
                , "domain_ip_tracking": {"enabled": true, "output_file": "domains.txt"}
                """);
        byte[] hello = RawClient.hello("one.example.com");
        for (int run = 1; run <= 2; run++) {
            try (Running proxy = cli.start("run", "-c", "config.json")) {
                int port = port(proxy);
                assertRouted(port, "one.example.com");
                assertRefused(port, "two.example.com");
                assertMetrics(proxy);
                proxy.signal("TERM");
                assertThat(proxy.awaitEnd().exitCode()).isZero();
            }
            JsonNode ip = JsonMapper.shared()
                    .readTree(Files.readString(folder.resolve("ip.json")))
                    .get("ips")
                    .get(0);
            assertThat(ip.get("ip").stringValue()).isEqualTo("127.0.0.1");
            assertThat(ip.get("connections").intValue()).isEqualTo(2 * run);
            assertThat(ip.get("bytes_up").longValue()).isEqualTo((long) hello.length * run);
            assertThat(ip.get("bytes_down").longValue()).isEqualTo((long) hello.length * run);
            assertThat(Files.readAllLines(folder.resolve("domains.txt")).get(1))
                    .startsWith("one.example.com\t127.0.0.1\t" + run + "\t");
        }
        List<String> lines = Files.readAllLines(folder.resolve("access.log"));
        assertThat(lines).hasSize(4);
        // The two connections of a run may end on different event loops, in either order.
        JsonNode routed = JsonMapper.shared().readTree(lineOf(lines, "one.example.com"));
        assertThat(routed.get("upstream").stringValue()).isEqualTo(echo.target());
        assertThat(routed.get("bytes_up").intValue()).isEqualTo(hello.length);
        assertThat(routed.get("path").stringValue()).isEqualTo("relay");
        assertThat(routed.get("end").stringValue()).isEqualTo("completed");
        assertThat(lineOf(lines, "two.example.com")).contains("\"end\":\"no_route\"");
    }

    private static String lineOf(List<String> lines, String name) {
        String wanted = "\"name\":\"" + name + "\"";
        return lines.stream().filter(line -> line.contains(wanted)).findFirst().orElseThrow();
    }

    private static void assertMetrics(Running proxy) throws Exception {
        String start = proxy.outSoFar();
        assertThat(start).as("whose last line was waited for").containsSubsequence("metrics at", "listens on");
        Matcher address = METRICS.matcher(start);
        assertThat(address.find()).isTrue();
        // A connection is counted when its client has closed too, which the client does not wait for.
        Eventually.holds(() -> assertThat(scrape(address.group(1)).lines())
                .contains(
                        "sniproxy_connections_accepted_total 2.0",
                        "sniproxy_connections_ended_total{ending=\"no_route\",refused=\"true\"} 1.0"));
    }

    private static String scrape(String uri) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldNotStartWhereItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            configure("one.example.com", "", taken.getLocalPort());
            Result result = cli.run("run", "-c", "config.json");
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err())
                    .startsWith("sni-proxy: cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .matches("\\P{Cntrl}+\n");
        }
    }

    @Test
    void shouldNotStartWhereItsLogCannotBeWritten() throws Exception {
        Files.createFile(folder.resolve("file"));
        configure("one.example.com", ", \"log\": {\"output\": \"file\", \"file_path\": \"file/x.log\"}");
        Result result = cli.run("run", "-c", "config.json");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("sni-proxy: a log file cannot be written: ")
                .contains("file is no folder; change log.file_path")
                .doesNotContain("Exception")
                .matches("\\P{Cntrl}+\n");
    }

    private void configure(String name, String more) throws IOException {
        configure(name, more, 0);
    }

    private void configure(String name, String more, int port) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"listen_addr": "127.0.0.1:%d", "deny_private_upstreams": false, "ebpf": {"enabled": false},
                 "routes": [{"match": "%s", "upstream": "%s"}]%s}
                """.formatted(port, name, echo.target(), more));
    }

    private static int port(Running proxy) throws Exception {
        proxy.awaitOut("listens on");
        Matcher port = LISTENS.matcher(proxy.awaitOut("\n"));
        assertThat(port.find()).as(proxy.outSoFar()).isTrue();
        return Integer.parseInt(port.group(1));
    }

    private static void assertRouted(int port, String name) throws Exception {
        byte[] hello = RawClient.hello(name);
        try (RawClient client = new RawClient(port)) {
            assertThat(client.exchange(hello)).isEqualTo(hello);
        }
    }

    private static void assertRefused(int port, String name) throws Exception {
        try (RawClient client = new RawClient(port)) {
            assertThat(client.sendAndReadToEnd(RawClient.hello(name))).isEqualTo(NO_ROUTE_ALERT);
        }
    }
}
