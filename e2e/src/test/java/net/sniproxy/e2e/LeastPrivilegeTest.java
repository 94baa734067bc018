package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Privileges;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.harness.Workspace;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every path in the kernel works for a user that has four capabilities and nothing else, however it came by them. */
class LeastPrivilegeTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Payload UP = new Payload(31, 3_000_000);
    private static final Payload DOWN = new Payload(32, 5_000_000);
    /** A second address of the clients' host, which the filter keeps out. */
    private static final String UNWANTED = "10.77.1.66";

    private static Workspace workspace;
    private static String classPath;

    private TestBpfFileSystem pins;

    @BeforeAll
    static void copyTheProxy() {
        workspace = Workspace.create();
        classPath = workspace.copyOfClassPath();
    }

    @AfterAll
    static void removeTheCopy() {
        workspace.close();
    }

    @BeforeEach
    void mountPins() {
        pins = TestBpfFileSystem.mount();
        Child.run(List.of("chmod", "755", pins.root().toString()));
    }

    @AfterEach
    void unmountPins() {
        pins.close();
    }

    private ProxyConfig config(Site site, BackEnd backEnd) {
        return ProxyConfig.on(site.proxyAddress())
                .route(Rig.NAME, backEnd.target())
                .set("ebpf.enabled", true)
                .set("ebpf.splice.pin", pins.root().resolve("sni-proxy").toString())
                .set("admin_socket", workspace.path("admin").toString());
    }

    @Test
    void shouldSpliceAndFilterWithExactlyFourCapabilities() {
        ThreeHosts hosts = new ThreeHosts();
        BackEnd backEnd = hosts.amongBackEnds(() -> BackEnd.start(hosts.backEndAddress()));
        ProxyConfig config = filtering(config(hosts, backEnd).set("ebpf.sockmap.enabled", false));
        // Where a unit file or an administrator would have made it.
        Child.run(List.of(
                "install",
                "-d",
                "-m700",
                "-o" + Privileges.NOBODY,
                pins.root().resolve("sni-proxy").toString()));
        List<String> prefix = Privileges.chain(inNamespace(hosts), Privileges.exactlyTheNeeded());
        try (Rig rig =
                new Rig(DataPath.SPLICE, hosts, backEnd, ProxyProcess.startWithClassPath(prefix, config, classPath))) {
            assertLowPrivileged(rig.proxy());
            assertSpliced(rig);
            assertThat(rig.proxy().log()).doesNotContain("nothing can be pinned");
            assertUnwantedIsKeptOut(hosts, rig.proxy());
        }
    }

    @Test
    void shouldRedirectWithExactlyFourCapabilities() {
        Site site = DataPath.SOCKMAP.site();
        BackEnd backEnd = BackEnd.start(site.backEndAddress());
        ProxyConfig config = DataPath.SOCKMAP.configure(config(site, backEnd));
        try (Rig rig = new Rig(
                DataPath.SOCKMAP,
                site,
                backEnd,
                ProxyProcess.startWithClassPath(Privileges.exactlyTheNeeded(), config, classPath))) {
            assertLowPrivileged(rig.proxy());
            assertThat(exchange(rig).path()).contains("sockmap");
        }
    }

    @Test
    void shouldBecomeTheConfiguredUserAndGoOnWithTheKernel() {
        ThreeHosts hosts = new ThreeHosts();
        BackEnd backEnd = hosts.amongBackEnds(() -> BackEnd.start(hosts.backEndAddress()));
        ProxyConfig config = filtering(config(hosts, backEnd).set("ebpf.sockmap.enabled", false));
        leavePinsOfRoot(hosts, backEnd, config);
        config.set("user", Privileges.NOBODY + ":" + Privileges.NOBODY);
        try (Rig rig = new Rig(
                DataPath.SPLICE,
                hosts,
                backEnd,
                ProxyProcess.startWithClassPath(inNamespace(hosts), config, classPath))) {
            assertLowPrivileged(rig.proxy());
            assertSpliced(rig);
            assertThat(rig.proxy().log()).doesNotContain("cannot be used", "nothing can be pinned");
            assertUnwantedIsKeptOut(hosts, rig.proxy());

            config.set("ebpf.xdp.deny", List.of());
            rig.proxy().reload(config);
            rig.proxy().child().awaitLine("the reload", SOON, line -> line.contains("reloaded"));
            assertThat(reaches(hosts, UNWANTED, rig.proxy())).as("wanted again").isTrue();
            assertSpliced(rig);
        }
    }

    private static ProxyConfig relaying(String user) {
        return ProxyConfig.on(Site.loopback().proxyAddress())
                .route(Rig.NAME, "127.0.0.1:1")
                .set("ebpf.enabled", false)
                .set("user", user);
    }

    @Test
    void shouldSayWhichUserIsMissing() {
        try (ProxyProcess proxy = ProxyProcess.launch(List.of(), relaying("no-such-user"))) {
            assertThat(proxy.child().awaitExit(SOON)).isOne();
            assertThat(proxy.log()).startsWith("sni-proxy: user: there is no user no-such-user on this machine");
        }
    }

    @Test
    void shouldStayWhoItIsWithoutTheRightToChange() {
        try (ProxyProcess proxy = ProxyProcess.startWithClassPath(Privileges.none(), relaying("1:1"), classPath)) {
            assertThat(proxy.log()).contains("only root can become another");
        }
    }

    @Test
    void shouldExamineTheMachineWithoutAnyPrivilege() {
        List<String> command = Privileges.chain(Privileges.none(), ProxyProcess.commandWithClassPath(classPath));
        String report = Child.run(Privileges.chain(command, List.of("doctor")));

        assertThat(report)
                .containsPattern("missing +CAP_BPF +not held")
                .containsPattern("ok +relay +available")
                .containsPattern("missing +splice +not available: needs CAP_BPF")
                .containsPattern("unseen +sockmap +not run");
    }

    /** The kernel lists ids to CAP_SYS_ADMIN only: the four capabilities of the proxy do not do. */
    @ParameterizedTest
    @ValueSource(strings = {"map list", "map dump DNS_CACHE", "prog list"})
    void shouldSayWhatListingWouldNeed(String arguments) {
        List<String> command = new ArrayList<>(Privileges.exactlyTheNeeded());
        command.addAll(ProxyProcess.commandWithClassPath(classPath));
        command.addAll(List.of(arguments.split(" ")));
        try (Child child = Child.start("list", command)) {
            assertThat(child.awaitExit(SOON)).isOne();
            assertThat(child.output())
                    .singleElement()
                    .asString()
                    .contains("EPERM", "Run as root, or with CAP_SYS_ADMIN", "CAP_BPF is not enough");
        }
    }

    /** Not {@code ip netns exec}: it has a private /sys, and pins made there would end with the process. */
    private static List<String> inNamespace(ThreeHosts hosts) {
        return List.of("nsenter", "--net=/run/netns/" + hosts.proxy().name());
    }

    private static ProxyConfig filtering(ProxyConfig config) {
        return config.set("ebpf.xdp.enabled", true)
                .set("ebpf.xdp.interfaces", List.of(ThreeHosts.FRONT_DEVICE))
                .set("ebpf.xdp.mode", "generic")
                .set("ebpf.xdp.deny", List.of(UNWANTED));
    }

    /** A proxy that stayed root is killed with a connection open: its pins are root's. */
    private void leavePinsOfRoot(ThreeHosts hosts, BackEnd backEnd, ProxyConfig config) {
        try (ProxyProcess asRoot = ProxyProcess.startWithClassPath(inNamespace(hosts), config, classPath)) {
            Link link = new Rig(DataPath.SPLICE, hosts, backEnd, asRoot).open();
            asRoot.child().signal("KILL");
            asRoot.child().awaitExit(SOON);
            link.close();
        }
        assertThat(pins.root().resolve("sni-proxy")).isDirectory();
    }

    /** Every thread: the user, exactly four capabilities of each kind, and no way to more. */
    private static void assertLowPrivileged(ProxyProcess proxy) {
        String id = Integer.toString(Privileges.NOBODY);
        String mask = "%016x".formatted(Privileges.NEEDED_MASK);
        List<Map<String, String>> threads = Await.until(
                "a moment in which no thread ends",
                SOON,
                () -> Privileges.ofThreads(proxy.child().pid()),
                all -> !all.isEmpty());
        assertThat(threads).hasSizeGreaterThan(5).allSatisfy(thread -> {
            assertThat(thread.get("Uid").split("\\s+")).containsOnly(id);
            assertThat(thread.get("Gid").split("\\s+")).containsOnly(id);
            assertThat(thread.get("Groups")).isEmpty();
            assertThat(thread.get("CapEff")).isEqualTo(mask);
            assertThat(thread.get("CapPrm")).isEqualTo(mask);
            assertThat(thread.get("CapInh")).isEqualTo(mask);
            assertThat(thread.get("CapAmb")).isEqualTo(mask);
            assertThat(thread.get("NoNewPrivs")).isEqualTo("1");
        });
    }

    private static void assertSpliced(Rig rig) {
        assertThat(exchange(rig).path()).contains("splice");
    }

    private static AccessLine exchange(Rig rig) {
        Link link = rig.open();
        link.exchange(UP, DOWN).join();
        return rig.proxy().awaitEnd(link.client());
    }

    private static void assertUnwantedIsKeptOut(ThreeHosts hosts, ProxyProcess proxy) {
        hosts.clients().ip("addr replace " + UNWANTED + "/24 dev " + ThreeHosts.CLIENT_DEVICE);
        assertThat(reaches(hosts, UNWANTED, proxy)).as("the unwanted address").isFalse();
        assertThat(reaches(hosts, ThreeHosts.CLIENTS, proxy))
                .as("the same host's other address")
                .isTrue();
    }

    /** Whether a connection from an address of the clients' host is made within some seconds. */
    private static boolean reaches(ThreeHosts hosts, String from, ProxyProcess proxy) {
        return hosts.clients().call(() -> {
            try (Socket socket = new Socket()) {
                socket.bind(new InetSocketAddress(from, 0));
                socket.connect(proxy.address(), 5_000);
                return true;
            } catch (SocketTimeoutException dropped) {
                return false;
            }
        });
    }
}
