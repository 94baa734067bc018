package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.bpf.testing.SinceKernelCondition;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.CgroupSite;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.Test;

/**
 * What a kernel cannot do is found out at the start and said, and connections are carried all the same. Holds on every kernel,
 * with other words: {@code scripts/vm.sh} runs it on old ones.
 */
class EveryKernelTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Payload UP = new Payload(51, 300_000);
    private static final Payload DOWN = new Payload(52, 500_000);

    @Test
    void shouldRedirectWithinTheHostOrSayWhyNot() {
        try (Rig rig = Rig.start(DataPath.SOCKMAP, new CgroupSite(), config -> {})) {
            AccessLine line = exchange(rig);
            if (SinceKernelCondition.holds("6.3")) {
                assertThat(line.path()).contains("sockmap");
                assertThat(rig.proxy().log()).doesNotContain("not available");
            } else {
                String reason = "this kernel has no tracepoint sock_recv_length";
                assertThat(line.path()).contains("relay");
                assertThat(line.pathReason())
                        .hasValueSatisfying(text -> assertThat(text).contains("sockmap", reason));
                assertThat(rig.proxy().log()).contains("sockmap is not available, connections are relayed", reason);
            }
        }
    }

    @Test
    void shouldSpliceAgainAfterAKillAndSayWhetherConnectionsOutliveTheProxy() {
        AtomicReference<ProxyConfig> configuration = new AtomicReference<>();
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                Rig killed = Rig.start(DataPath.SPLICE, new ThreeHosts(), config -> {
                    config.set("ebpf.splice.pin", pins.root().resolve("splice").toString());
                    configuration.set(config);
                })) {
            assertThat(exchange(killed).path()).contains("splice");
            boolean outlive = SinceKernelCondition.holds("6.6");
            assertThat(killed.proxy().log().contains("connections end with the proxy"))
                    .isEqualTo(!outlive);
            killed.proxy().child().signal("KILL");
            killed.proxy().child().awaitExit(SOON);

            try (ProxyProcess next = ProxyProcess.start(DataPath.SPLICE, killed.site(), configuration.get())) {
                Rig rig = new Rig(DataPath.SPLICE, killed.site(), killed.backEnd(), next);
                assertThat(exchange(rig).path()).contains("splice");
            }
        }
    }

    /** Both ways to the end, byte for byte, and what the access log says of it. */
    private static AccessLine exchange(Rig rig) {
        Link link = rig.open();
        link.exchange(UP, DOWN).join();
        AccessLine line = rig.proxy().awaitEnd(link.client());
        assertThat(line.end()).as(line.text()).isEqualTo("completed");
        return line;
    }
}
