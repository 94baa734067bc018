package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.RoutedHosts;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spliced packets keep their length: what one leg cannot carry never gets lost without a word. */
class SpliceMtuTest {
    private static final Payload UP = new Payload(30, 2_000_000);
    private static final Payload DOWN = new Payload(31, 3_000_000);
    private static final int NARROW = 1280;

    @ParameterizedTest(name = "IPv6 {0}, offloads {1}")
    @CsvSource({"false, on", "true, on", "false, off", "true, off"})
    @DisplayName("19: routers on both legs that carry 1,280 bytes, and say so by ICMP, behind cables of 1,500")
    void shouldPassOnWhatRoutersSayOfThePath(boolean ipv6, String offloads) {
        RoutedHosts hosts = new RoutedHosts(ipv6);
        hosts.offloads(offloads);
        try (Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            assertThat(pathOf(rig)).isEqualTo("splice");
        }
    }

    @Test
    @DisplayName("19: cables of 1,280 bytes towards upstreams, from which no ICMP comes")
    void shouldRelayAtFirstAndThenTellClientsWhatReachesTheUpstream() {
        ThreeHosts hosts = new ThreeHosts();
        narrow(hosts.proxy(), ThreeHosts.BACK_DEVICE);
        narrow(hosts.backEnds(), ThreeHosts.BACK_END_DEVICE);
        try (Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            assertThat(pathOf(rig)).isEqualTo("relay");
            // Each event loop has a listening socket of its own, which learns by itself.
            int loops = Runtime.getRuntime().availableProcessors();
            List<String> paths = new ArrayList<>();
            while (paths.size() < loops && !paths.contains("splice")) {
                paths.add(pathOf(rig));
            }
            assertThat(paths).contains("splice");
        }
    }

    @Test
    @DisplayName("19: cables of 1,280 bytes towards clients, from which no ICMP comes")
    void shouldTellUpstreamsWhatReachesTheClient() {
        ThreeHosts hosts = new ThreeHosts();
        narrow(hosts.proxy(), ThreeHosts.FRONT_DEVICE);
        narrow(hosts.clients(), ThreeHosts.CLIENT_DEVICE);
        try (Rig rig = Rig.start(DataPath.SPLICE, hosts, config -> {})) {
            assertThat(pathOf(rig)).isEqualTo("splice");
        }
    }

    private static void narrow(NetworkNamespace host, String device) {
        host.ip("link set " + device + " mtu " + NARROW);
    }

    /** Moves megabytes both ways, every byte of which must arrive, and says which way they took. */
    private static String pathOf(Rig rig) {
        int before = rig.proxy().accessLog().size();
        Link link = rig.open();
        link.exchange(UP, DOWN).join();
        AccessLine line = rig.proxy().awaitEnd(link.client(), before);
        assertThat(line.end()).as(line.text()).isEqualTo("completed");
        assertThat(line.bytesUp()).as(line.text()).isEqualTo(link.hello().length + UP.length());
        assertThat(line.bytesDown()).as(line.text()).isEqualTo(DOWN.length());
        return line.path().orElseThrow();
    }
}
