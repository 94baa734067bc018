package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.testing.TestPrograms;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.VethSite;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Peer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The source filter as a user meets it: configured, asked and changed by commands, in front of real connections. */
class SourceFilterTest {
    private static final String NAME = "filtered.test";
    private static final int XDP_PASS = 2;

    private static final String LEFT_ALONE =
            "it runs an XDP program already, which is left alone; detach that (ip link set dev";

    @TempDir
    Path folder;

    private final VethSite site = new VethSite();
    private final BackEnd backEnd = BackEnd.start(site.backEndAddress());

    private ProxyConfig config;
    private ProxyProcess proxy;
    private Path socket;

    @BeforeEach
    void start() {
        socket = folder.resolve("admin.sock");
        config = ProxyConfig.on(site.proxyAddress())
                .route(NAME, backEnd.target())
                .set("admin_socket", socket.toString())
                .set("metrics.addr", ProxyConfig.text(new InetSocketAddress(site.proxyAddress(), 0)))
                .set("ebpf.enabled", true)
                .set("ebpf.sockmap.enabled", false)
                .set("ebpf.splice.enabled", false)
                .set("ebpf.xdp.enabled", true)
                .set("ebpf.xdp.interfaces", List.of(site.clientInterface()))
                .set("ebpf.xdp.scope", "interface")
                .set("ebpf.xdp.deny_ttl", "1h")
                .set("ebpf.xdp.persistence_file", folder.resolve("added.json").toString());
        startProxy();
    }

    private void startProxy() {
        proxy = ProxyProcess.start(site.prefix(), config);
        Await.until("admin socket", Duration.ofSeconds(10), () -> Files.exists(socket), there -> there);
    }

    @AfterEach
    void stop() {
        try (site;
                backEnd) {
            proxy.close();
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void shouldTakeOrdersAndExplainItself() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        InetSocketAddress client = exchange();
        String source = client.getAddress().getHostAddress();
        assertThat(command("filter", "status")).contains("\"native\"", "\"listen ports\"", "\"syn_rate\" : 0");
        assertThat(command("explain", "--client", source, "--name", NAME)).contains("\"connected\" : true");

        assertThat(command("filter", "deny", "add", source, "192.0.2.0/24", "--ttl", "1h"))
                .contains("2 changed");
        assertThat(answers(Duration.ofMillis(500))).isFalse();
        assertThat(command("filter", "deny", "list")).contains(source + "/32 for another 3", "192.0.2.0/24");
        assertThat(command("explain", "--client", source)).contains("denied by " + source, "\"connected\" : false");

        assertThat(command("filter", "allow", "add", source)).contains("1 changed");
        exchange();
        assertThat(command("filter", "allow", "del", source)).contains("1 changed");
        assertThat(command("filter", "deny", "del", source)).contains("1 changed");
        assertThat(command("filter", "deny", "del", source)).contains("0 changed");
        exchange();

        assertThat(command("filter", "commit", "--confirm", "1h")).contains("every packet, on trial");
        assertThat(command("filter", "commit")).contains("judges: every packet");
        exchange();
        assertThat(command("filter", "revert")).contains("judges: listen ports");
        assertThat(command("filter", "status")).contains("\"listen ports\"");
    }

    @Test
    void shouldTellOfDropsInLogMetricsAndTop() {
        String source = exchange().getAddress().getHostAddress();
        command("filter", "deny", "add", source);
        assertThat(answers(Duration.ofMillis(500))).isFalse();

        String dropped =
                "dropped a packet of " + source + " to port " + config.address().getPort() + ": denied";
        proxy.child().awaitLine("a drop", Duration.ofSeconds(10), line -> line.contains(dropped));
        assertThat(proxy.metrics()).containsPattern("sniproxy_filter_dropped_packets_total\\{reason=\"denied\"} [1-9]");
        JsonNode drops =
                JsonMapper.shared().readTree(command("top", "--once", "--json")).path("drops");
        assertThat(drops.path("denied").asLong()).isPositive();
        assertThat(drops.path("syn_rate").asLong()).isZero();
    }

    @Test
    void shouldKeepWhatCommandsAddedOverARestart() throws Exception {
        String source = exchange().getAddress().getHostAddress();
        command("filter", "deny", "add", source, "--ttl", "1h");
        command("filter", "deny", "add", "192.0.2.0/24", "198.51.100.0/24");
        command("filter", "deny", "del", "198.51.100.0/24");

        proxy.close();
        startProxy();
        assertThat(answers(Duration.ofMillis(500))).isFalse();
        assertThat(command("filter", "deny", "list"))
                .contains(source + "/32 for another ", "192.0.2.0/24")
                .doesNotContain("198.51.100.0/24");

        // A kill leaves no time to write anything.
        command("filter", "deny", "del", source);
        proxy.child().signal("KILL");
        proxy.child().awaitExit(Duration.ofSeconds(10));
        Files.delete(socket);
        proxy.close();
        startProxy();
        exchange();
        assertThat(command("filter", "deny", "list")).contains("192.0.2.0/24").doesNotContain(source);
    }

    @Test
    void shouldDenyWhoSendsGarbageAgainAndAgain() throws Exception {
        for (int i = 0; i < 10; i++) {
            try (Peer client = Peer.connect(proxy.address())) {
                client.send("not TLS at all".getBytes(StandardCharsets.US_ASCII));
                client.receive();
            }
        }
        Await.until("denied", Duration.ofSeconds(10), () -> answers(Duration.ofMillis(300)), answered -> !answered);
        proxy.child().awaitLine("the reason", Duration.ofSeconds(10), line -> line.contains("is denied for 3600 s"));
    }

    @Test
    @DisplayName(
            "25: another XDP program at the interface: it stays, the log names the way out, and clients are served")
    void shouldLeaveAForeignProgramAlone() {
        proxy.close();
        try (LoadedObject foreign = LoadedObject.load(
                Kernel.running(),
                TestPrograms.object(TestPrograms.returning("somebody_elses", ProgramType.XDP, XDP_PASS)
                        .build()))) {
            int id = foreign.program("somebody_elses").info().id();
            site.inside("bpftool", "net", "attach", "xdp", "id", Integer.toString(id), "dev", site.clientInterface());

            try (ProxyProcess refused = ProxyProcess.launch(site.prefix(), config)) {
                assertThat(refused.child().awaitExit(ProxyProcess.START)).isEqualTo(1);
                assertThat(refused.log()).contains(LEFT_ALONE);
            }
            config.set("ebpf.enabled", "auto");
            startProxy();
            exchange();
            assertThat(proxy.log()).contains("source filter: not in force", LEFT_ALONE);
            assertThat(attached()).isEqualTo(id);
            proxy.close();
            assertThat(attached()).as("when the proxy has left").isEqualTo(id);

            site.inside("ip", "link", "set", "dev", site.clientInterface(), "xdp", "off");
            startProxy();
            exchange();
            assertThat(proxy.log()).contains("source filter: attached to " + site.clientInterface());
            assertThat(attached()).isNotEqualTo(id);
        }
    }

    /** The id of the XDP program that clients meet. */
    private int attached() {
        String shown = site.inside("bpftool", "-j", "net", "show", "dev", site.clientInterface());
        return JsonMapper.shared().readTree(shown).at("/0/xdp/0/id").asInt();
    }

    /** A hello through the proxy and an answer back; returns who asked. */
    private InetSocketAddress exchange() {
        byte[] hello = Hello.of(NAME).bytes();
        try (Peer client = Peer.connect(proxy.address())) {
            client.send(hello);
            try (Peer server = backEnd.accept()) {
                assertThat(server.read(hello.length)).isEqualTo(hello);
                server.send(hello);
                assertThat(client.read(hello.length)).isEqualTo(hello);
                return client.local();
            }
        }
    }

    /** Whether a connection is made within a time. */
    private boolean answers(Duration patience) {
        try (Socket client = new Socket()) {
            client.connect(proxy.address(), (int) patience.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String command(String... arguments) {
        List<String> command = new ArrayList<>(ProxyProcess.command());
        command.addAll(List.of(arguments));
        command.addAll(List.of("--socket", socket.toString()));
        return Child.run(command);
    }
}
