package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Spliced connections go on without the proxy, and the next one takes charge of them. */
@SinceKernel("6.6") // TCX: what is attached otherwise cannot be pinned.
class SpliceSurvivalTest {
    private static final int CONNECTIONS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What each side has sent before the proxy is killed, and what it sends after that. */
    private static final byte[] BEFORE = new byte[100_000];

    private static final Payload UP = new Payload(11, 400_000);
    private static final Payload DOWN = new Payload(12, 600_000);

    /** The part of the first exchange that is read at once; the rest is under way when the proxy dies. */
    private static final int READ_BEFORE = 1_000;

    @Test
    @DisplayName(
            "22: kill -9 with 100 connections in mid-transfer: all go on, the next start counts, adopts and revokes them")
    void shouldGoOnWhenTheProxyIsKilledAndBeAdoptedByTheNextOne() {
        AtomicReference<ProxyConfig> configuration = new AtomicReference<>();
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                Rig rig = Rig.start(DataPath.SPLICE, new ThreeHosts(), config -> {
                    config.set("ebpf.splice.pin", pins.root().resolve("splice").toString());
                    configuration.set(config);
                })) {
            List<Link> links = open(rig);
            rig.killLeaving(CONNECTIONS);
            // Nobody is there but the kernel.
            links.subList(0, CONNECTIONS / 4).forEach(SpliceSurvivalTest::finish);

            try (ProxyProcess next = ProxyProcess.start(DataPath.SPLICE, rig.site(), configuration.get())) {
                next.child().awaitLine("adoption", PATIENCE, line -> line.contains("adopted "));
                List<Link> adopted = links.subList(CONNECTIONS / 4, CONNECTIONS / 2);
                adopted.forEach(SpliceSurvivalTest::finish);
                adopted.forEach(link -> mustBeCounted(next, link));

                List<Link> revoked = links.subList(CONNECTIONS / 2, CONNECTIONS);
                revoked.forEach(SpliceSurvivalTest::readRest);
                next.reload(configuration.get().removeRoute(Rig.NAME).route("other.site.test", "127.0.0.1:1"));
                revoked.forEach(SpliceSurvivalTest::mustBeReset);
            }
        }
    }

    @Test
    @DisplayName(
            "22: the next start may use fewer interfaces and has other limits: what was left goes on, new connections obey")
    void shouldSpliceNothingNewOnInterfacesThatTheNextStartMayNotUse() {
        AtomicReference<ProxyConfig> configuration = new AtomicReference<>();
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                Rig rig = Rig.start(DataPath.SPLICE, new ThreeHosts(), config -> {
                    config.set("ebpf.splice.pin", pins.root().resolve("splice").toString())
                            .set("ebpf.splice.max_flows", 1_000);
                    configuration.set(config);
                })) {
            Link left = rig.open();
            left.assertCarries();
            rig.killLeaving(1);

            ProxyConfig other = configuration
                    .get()
                    .set("ebpf.splice.interfaces", List.of(ThreeHosts.FRONT_DEVICE))
                    .set("ebpf.splice.max_flows", 2_000);
            try (ProxyProcess next = ProxyProcess.start(DataPath.SPLICE, rig.site(), other)) {
                next.child()
                        .awaitLine("tables", PATIENCE, line -> line.contains("splice: ready, for 1000 connections"));
                next.child().awaitLine("adoption", PATIENCE, line -> line.contains("adopted "));
                Rig nextRig = new Rig(DataPath.SPLICE, rig.site(), rig.backEnd(), next);
                Link fresh = nextRig.open();
                fresh.exchange(UP, DOWN).join();
                nextRig.assertRelayed(fresh, 0, "splice: an interface cannot have the program", UP, DOWN);

                left.assertCarries();
                left.exchange(UP, DOWN).join();
                AccessLine line = nextRig.assertCompleted(left, 0, "splice");
                assertThat(line.bytesUp()).isEqualTo(left.hello().length + 2 * Link.CARRIED_UP + UP.length());
                assertThat(line.bytesDown()).isEqualTo(2 * Link.CARRIED_DOWN + DOWN.length());
            }
        }
    }

    /** Connections that have carried something each way and are spliced. */
    private static List<Link> open(Rig rig) {
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Link link = rig.open();
            link.server().send(BEFORE);
            link.client().send(BEFORE);
            link.client().read(READ_BEFORE);
            links.add(link);
        }
        return links;
    }

    /** What was under way when the proxy was killed. */
    private static void readRest(Link link) {
        link.client().read(BEFORE.length - READ_BEFORE);
        link.server().read(BEFORE.length);
    }

    /** Every byte of both directions arrives. */
    private static void finish(Link link) {
        readRest(link);
        var atServer = link.server().receiving();
        var atClient = link.client().receiving();
        link.server().sending(DOWN).join().finish();
        link.client().sending(UP).join().finish();
        assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, UP));
        assertThat(atClient.join()).isEqualTo(Received.of(Ending.FIN, DOWN));
        link.close();
    }

    private static void mustBeCounted(ProxyProcess proxy, Link link) {
        AccessLine line = proxy.awaitEnd(link.client());
        assertThat(line.path()).contains("splice");
        assertThat(line.end()).isEqualTo("completed");
        assertThat(line.bytesUp()).isEqualTo(link.hello().length + BEFORE.length + UP.length());
        assertThat(line.bytesDown()).isEqualTo(BEFORE.length + DOWN.length());
    }

    private static void mustBeReset(Link link) {
        assertThat(link.client().receive().ending()).isEqualTo(Ending.RST);
        assertThat(link.server().receive().ending()).isEqualTo(Ending.RST);
        link.close();
    }
}
