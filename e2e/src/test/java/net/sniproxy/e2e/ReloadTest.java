package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Background;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.Site;
import net.sniproxy.e2e.wire.Answer;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGHUP under load: what is allowed stays allowed, what is refused stays refused, what is revoked ends. */
@ParameterizedClass(name = "{0}")
@EnumSource(DataPath.class)
class ReloadTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int UNRECOGNIZED_NAME = 112;
    private static final String SECOND = "second.site.test";

    private static Rig rig;
    private static ProxyConfig config;

    @BeforeParameterizedClassInvocation
    static void start(DataPath path) {
        rig = Rig.start(path, c -> config = c);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        rig.close();
    }

    ReloadTest(DataPath path) {
        assertThat(rig.path()).isEqualTo(path);
    }

    /** Whether a name reaches the back end; else it must have been refused in one of the ways that are right. */
    private static boolean routed(String name) {
        byte[] hello = Hello.of(name).bytes();
        try (Peer client = rig.connect()) {
            CompletableFuture<Answer> answer = client.send(hello).answering();
            Await.until(
                    () -> "a decision on " + name,
                    LONG,
                    () -> answer.isDone() || rig.backEnd().pending() > 0);
            if (answer.isDone()) {
                assertThat(answer.join().bytes().length == 0
                                || answer.join().alert().equals(Optional.of(UNRECOGNIZED_NAME)))
                        .as(answer.join().toString())
                        .isTrue();
                return false;
            }
            rig.backEnd().accept().reset();
            answer.join();
            return true;
        }
    }

    private static void reloadAndAwait(String name, boolean expected) {
        rig.proxy().reload(config);
        Await.until(() -> name + (expected ? " routed" : " refused"), LONG, () -> routed(name) == expected);
    }

    @Test
    @DisplayName("23: reload: connections whose route remains stay, those whose route was removed end with RST")
    void shouldEndOnlyTheConnectionsOfARevokedRoute() {
        config.route(SECOND, rig.backEnd().target());
        reloadAndAwait(SECOND, true);
        byte[] hello = Hello.of(SECOND).bytes();
        Payload later = new Payload(1, 1_000_000);
        try (Link remaining = rig.open();
                Peer client = rig.connect().send(hello);
                Peer server = rig.backEnd().accept()) {
            assertThat(server.read(hello.length)).isEqualTo(hello);
            CompletableFuture<Received> atClient = client.receiving();
            CompletableFuture<Received> atServer = server.receiving();
            config.removeRoute(SECOND);
            rig.proxy().reload(config);
            assertThat(atClient.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(rig.proxy().awaitEnd(client).end()).isEqualTo("revoked");
            assertThat(routed(SECOND)).isFalse();

            remaining.client().sending(later).thenAccept(Peer::finish);
            assertThat(remaining.server().receive()).isEqualTo(Received.of(Ending.FIN, later));
        }
    }

    @Test
    @DisplayName("23: twenty reloads under load: no allowed name refused, no refused name allowed")
    void shouldNeverWaverDuringReloads() {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger allowed = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        byte[] hello = Hello.of(Rig.NAME).bytes();
        try (BackEnd echo = BackEnd.serving(rig.site().backEndAddress(), peer -> peer.send(peer.read(hello.length)))) {
            ProxyConfig other = rig.path()
                    .configure(ProxyConfig.on(rig.site().proxyAddress()))
                    .route(Rig.NAME, echo.target());
            try (ProxyProcess proxy = ProxyProcess.start(rig.path(), rig.site(), other)) {
                CompletableFuture<Void> load = CompletableFuture.allOf(
                        repeat(stop, allowed, () -> assertEchoed(proxy, hello)),
                        repeat(stop, refused, () -> assertRefused(proxy, "never.site.test")));
                for (int i = 0; i < 20; i++) {
                    String name = "r" + i + ".site.test";
                    proxy.reload(other.route(name, echo.target()));
                    byte[] fresh = Hello.of(name).bytes();
                    Await.until(() -> name + " routed", LONG, () -> answers(proxy, fresh));
                }
                Await.until(
                        () -> "some load", LONG, () -> load.isDone() || Math.min(allowed.get(), refused.get()) > 50);
                stop.set(true);
                load.join();
            }
        }
    }

    private static CompletableFuture<AtomicInteger> repeat(AtomicBoolean stop, AtomicInteger count, Runnable work) {
        return Background.runHere(() -> {
            while (!stop.get()) {
                work.run();
                count.incrementAndGet();
            }
            return count;
        });
    }

    private static void assertEchoed(ProxyProcess proxy, byte[] hello) {
        try (Peer client = Peer.connect(proxy.address())) {
            assertThat(client.send(hello).read(hello.length)).isEqualTo(hello);
        }
    }

    private static void assertRefused(ProxyProcess proxy, String name) {
        try (Peer client = Peer.connect(proxy.address())) {
            assertThat(client.send(Hello.of(name).bytes()).answer().alert()).contains(UNRECOGNIZED_NAME);
        }
    }

    private static boolean answers(ProxyProcess proxy, byte[] hello) {
        try (Peer client = Peer.connect(proxy.address())) {
            return client.send(hello).finish().answer().alert().isEmpty();
        }
    }

    @Test
    @DisplayName(
            "23: an allow list that changes: sources are judged by the new one, and what they have open ends with RST")
    void shouldJudgeSourcesByTheNewAllowList() {
        try (Link link = rig.open()) {
            CompletableFuture<Received> atClient = link.client().receiving();
            CompletableFuture<Received> atServer = link.server().receiving();
            config.set("ip_whitelist", List.of("192.0.2.0/24"));
            rig.proxy().reload(config);
            assertThat(atClient.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.RST));
            assertThat(routed(Rig.NAME)).isFalse();
        } finally {
            config.set("ip_whitelist", List.of());
        }
        reloadAndAwait(Rig.NAME, true);
    }

    @Test
    @DisplayName("23: a bad file changes nothing and says why")
    void shouldGoOnAsBeforeWhenTheFileIsBad() {
        try (Link link = rig.open()) {
            config.set("listne_addr", "127.0.0.1:1");
            rig.proxy().reload(config);
            rig.proxy().child().awaitLine("the reason", LONG, line -> line.contains("listne_addr"));
            assertThat(routed(Rig.NAME)).isTrue();
            link.client().send(link.hello());
            assertThat(link.server().read(link.hello().length)).isEqualTo(link.hello());
        } finally {
            config.unset("listne_addr");
        }
    }

    @Test
    @DisplayName("SIGTERM drains: no new connection, those that are there go on to their end, exit code 0")
    void shouldLetConnectionsEndOnSigterm() {
        Payload payload = new Payload(3, 1_000_000);
        Site site = rig.site();
        ProxyConfig other = ProxyConfig.on(site.proxyAddress())
                .route(Rig.NAME, rig.backEnd().target())
                .set("timeouts.drain", "30s");
        try (ProxyProcess proxy = ProxyProcess.start(rig.path(), site, other);
                Link link = new Rig(rig.path(), site, rig.backEnd(), proxy).open()) {
            proxy.child().signal("TERM");
            Await.until(
                    () -> "the end of listening",
                    LONG,
                    () -> !proxy.proc()
                            .listeningPorts()
                            .contains(other.address().getPort()));
            link.client().sending(payload).thenAccept(Peer::finish);
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.FIN, payload));
            link.server().finish();
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.FIN));
            assertThat(proxy.child().awaitExit(LONG)).isZero();
        }
    }

    @Test
    @DisplayName("SIGTERM drains: what is open when timeouts.drain is over ends with RST, exit code 0")
    void shouldResetWhatIsLeftAfterTheDrain() {
        Site site = rig.site();
        for (String signal : List.of("TERM", "INT")) {
            ProxyConfig other = ProxyConfig.on(site.proxyAddress())
                    .route(Rig.NAME, rig.backEnd().target())
                    .set("timeouts.drain", "500ms");
            try (ProxyProcess proxy = ProxyProcess.start(rig.path(), site, other);
                    Link link = new Rig(rig.path(), site, rig.backEnd(), proxy).open()) {
                proxy.child().signal(signal);
                assertThat(link.client().receive()).isEqualTo(Received.of(Ending.RST));
                assertThat(link.server().receive()).isEqualTo(Received.of(Ending.RST));
                assertThat(proxy.child().awaitExit(LONG)).isZero();
                assertThat(proxy.awaitEnd(link.client()).end()).isEqualTo("drained");
            }
        }
    }
}
