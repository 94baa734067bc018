package net.sniproxy.e2e;

import static net.sniproxy.e2e.Redirection.SOCKMAP;
import static net.sniproxy.e2e.Redirection.SOON;
import static net.sniproxy.e2e.Redirection.assertThatTablesAreEmpty;
import static net.sniproxy.e2e.Redirection.exchange;
import static net.sniproxy.e2e.Redirection.rig;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.CgroupSite;
import net.sniproxy.e2e.harness.Child;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Flood;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Redirection between sockets of one host: starts, ends, reloads, and what they leave behind. */
@SinceKernel("6.3") // The tracepoint sock_recv_length.
class SockmapOperationTest {
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
    @DisplayName("13: silent peers are reaped by the idle timer, busy ones are not")
    void shouldReapIdleConnections() {
        try (Rig rig = rig(config -> config.set("timeouts.idle", "5s"));
                Link idle = rig.open();
                Link busy = rig.open()) {
            CompletableFuture<Received> atClient = idle.client().receiving();
            CompletableFuture<Received> atServer = idle.server().receiving();
            while (!atClient.isDone() || !atServer.isDone()) {
                busy.client().send(new byte[100]);
                busy.server().read(100);
                Await.pause(Duration.ofMillis(100));
            }
            assertThat(atClient.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(rig.proxy().awaitEnd(idle.client()).end()).isEqualTo("idle_timeout");
            busy.server().send(new byte[100]);
            assertThat(busy.client().read(100)).containsOnly(0);
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
                assertThat(next.awaitEnd(link.client()).path()).contains(SOCKMAP);
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
                assertThat(proxy.awaitEnd(link.client()).end()).isEqualTo("revoked");
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
                assertThat(rig.proxy().awaitEnd(link.client()).path()).contains(SOCKMAP);
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
}
