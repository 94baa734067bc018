package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyMaps;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.peers.Dnsmasq;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The DNS cache in the kernel as a user meets it: {@code explain} shows what it holds, {@code detach} forgets it. */
class NameCacheOperationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String NAME = "resolved.site.test";
    private static final List<String> MAPS = List.of("DNS_CACHE", "DNS_NAMES", "DNS_HASH_KEY");
    private static final String IN_MEMORY = "false: names are kept in the memory of the proxy";
    private static final Payload UP = new Payload(1, 100_000);
    private static final Payload DOWN = new Payload(2, 200_000);

    @Test
    void shouldShowCachedAddressesAndForgetThemWhenDetached() {
        try (ThreeHosts hosts = new ThreeHosts();
                TestBpfFileSystem pins = TestBpfFileSystem.mount();
                Workspace workspace = Workspace.create();
                Dnsmasq dns = hosts.proxy().call(() -> Dnsmasq.start("--host-record=" + NAME + ",10.77.2.1,600"))) {
            Path socket = workspace.path("admin.sock");
            Path names = pins.root().resolve("names");
            BackEnd backEnd = hosts.amongBackEnds(() -> BackEnd.start(hosts.backEndAddress()));
            ProxyConfig config = ProxyConfig.on(hosts.proxyAddress())
                    .route(NAME, "*:" + backEnd.port())
                    .set("dns.servers", List.of(dns.url()))
                    .set("admin_socket", socket.toString())
                    .set("ebpf.splice.pin", pins.root().resolve("splice").toString())
                    .set("ebpf.dns_cache.pin", names.toString());
            List<Path> pinned = MAPS.stream().map(names::resolve).toList();
            Path file;
            try (Rig rig =
                    new Rig(DataPath.SPLICE, hosts, backEnd, ProxyProcess.start(DataPath.SPLICE, hosts, config))) {
                assertThat(addresses(explained(socket))).isEmpty();
                assertThat(questions(hosts, dns)).as("explain asks no server").isZero();

                Link link = Rig.open(rig.connect(), NAME, backEnd);
                rig.assertCompleted(exchanged(link), 0, "splice");

                long asked = questions(hosts, dns);
                JsonNode now = explained(socket);
                assertThat(addresses(now)).containsExactly("ipv4 fresh 10.77.2.1");
                assertThat(now.path("data_paths").asString()).startsWith("splice, relay");
                assertThat(now.path("connected").asBoolean()).isTrue();
                assertThat(questions(hosts, dns))
                        .as("explain asks no server")
                        .isEqualTo(asked)
                        .isPositive();

                file = workspace.write("sni-proxy.json", config.json());
                rig.proxy().child().signal("TERM");
                rig.proxy().child().awaitExit(PATIENCE);
                assertThat(pinned).allSatisfy(pin -> assertThat(pin).exists());

                List<String> detach = new ArrayList<>(hosts.prefix());
                detach.addAll(ProxyProcess.command());
                detach.addAll(List.of("detach", "-c", file.toString()));
                String told = Child.run(detach);
                assertThat(pinned).allSatisfy(pin -> {
                    assertThat(pin).doesNotExist();
                    assertThat(told).contains("removed " + pin);
                });
                assertThat(Child.run(detach)).contains("nothing was left in ", " and " + names);
            }
        }
    }

    private static long questions(ThreeHosts hosts, Dnsmasq dns) {
        return hosts.proxy().call(() -> dns.queries(NAME));
    }

    /** What the proxy looked up it knows for the next connection, wherever it keeps it; every place to look says where. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepNamesWhereTheConfigurationSays(boolean inKernel) {
        try (Dnsmasq dns = Dnsmasq.start("--host-record=" + NAME + ",127.0.0.1,600");
                Workspace workspace = Workspace.create()) {
            Site site = Site.loopback();
            Path socket = workspace.path("admin.sock");
            BackEnd backEnd = BackEnd.start(site.backEndAddress());
            ProxyConfig config = ProxyConfig.on(site.proxyAddress())
                    .route(NAME, "*:" + backEnd.port())
                    .set("dns.servers", List.of(dns.url()))
                    .set("admin_socket", socket.toString())
                    .set("metrics.addr", "127.0.0.1:0")
                    .set("ebpf.enabled", true)
                    .set("ebpf.sockmap.enabled", false)
                    .set("ebpf.splice.enabled", false)
                    .set("ebpf.dns_cache.enabled", inKernel);
            try (Rig rig = new Rig(DataPath.RELAY, site, backEnd, ProxyProcess.start(site, config))) {
                assertResolves(rig);
                long asked = dns.queries(NAME);
                assertResolves(rig);
                assertThat(dns.queries(NAME)).as("asked once").isEqualTo(asked).isPositive();
                assertThat(addresses(explained(socket))).containsExactly("ipv4 fresh 127.0.0.1");

                ProxyMaps maps = new ProxyMaps(rig.proxy().child().pid());
                assertThat(MAPS)
                        .allSatisfy(map -> assertThat(maps.has(map)).as(map).isEqualTo(inKernel));
                assertThat(rig.proxy().metrics().contains("{map=\"DNS_CACHE\"}"))
                        .isEqualTo(inKernel);
                assertThat(rig.proxy().metrics()).contains("sniproxy_dns_lookups_total{result=\"hit\"} 2.0");
                assertThat(rig.proxy().log()).contains("DNS cache: in " + (inKernel ? "a kernel map" : "the memory"));
                assertThat(Child.run(doctor(workspace.write("sni-proxy.json", config.json())))
                                .contains(IN_MEMORY))
                        .isNotEqualTo(inKernel);
            }
        }
    }

    private static void assertResolves(Rig rig) {
        Link link = exchanged(Rig.open(rig.connect(), NAME, rig.backEnd()));
        rig.assertCompleted(link, 0, "relay", UP, DOWN);
    }

    private static List<String> doctor(Path file) {
        List<String> command = new ArrayList<>(ProxyProcess.command());
        command.addAll(List.of("doctor", "-c", file.toString()));
        return command;
    }

    private static Link exchanged(Link link) {
        link.exchange(UP, DOWN).join();
        return link;
    }

    private static JsonNode explained(Path socket) {
        List<String> command = new ArrayList<>(ProxyProcess.command());
        command.addAll(
                List.of("explain", "--client", ThreeHosts.CLIENTS, "--name", NAME, "--socket", socket.toString()));
        return JsonMapper.shared().readTree(Child.run(command));
    }

    /** Family, age and address of all that the cache holds for the route. */
    private static List<String> addresses(JsonNode explanation) {
        List<String> addresses = new ArrayList<>();
        assertThat(explanation.path("dns_cache").size()).as("families").isEqualTo(2);
        for (JsonNode row : explanation.path("dns_cache")) {
            assertThat(row.path("name").asString()).isEqualTo(NAME);
            row.path("addresses")
                    .forEach(address -> addresses.add(row.path("family").asString() + " "
                            + row.path("answer").asString() + " " + address.asString()));
        }
        return addresses;
    }
}
