package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.e2e.faults.BadHop;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Relayed connections over bad networks: every byte arrives, in order and once, both ways. */
class RelayFaultsTest {
    private static final int CONNECTIONS = 4;
    private static final Payload UP = new Payload(10, 1 << 20);
    private static final Payload DOWN = new Payload(11, 1 << 20);

    private record Fault(String name, Consumer<BadHop> onEach) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault("loss", hop -> hop.set(bad -> bad.loss = 30)),
                new Fault("duplication", hop -> hop.set(bad -> bad.duplication = 50)),
                new Fault("corruption", hop -> hop.set(bad -> bad.corruption = 10)),
                new Fault("reordering", hop -> hop.reorder(50)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @DisplayName("18: loss, duplication, corruption or reordering on every hop of a relayed connection")
    void shouldSurvive(Fault fault) {
        try (Resources resources = new Resources()) {
            ThreeHosts hosts = resources.add(new ThreeHosts());
            List<BadHop> hops = List.of(
                    hop(resources, hosts.clients(), ThreeHosts.CLIENT_DEVICE),
                    hop(resources, hosts.proxy(), ThreeHosts.FRONT_DEVICE),
                    hop(resources, hosts.proxy(), ThreeHosts.BACK_DEVICE),
                    hop(resources, hosts.backEnds(), ThreeHosts.BACK_END_DEVICE));
            Rig rig = resources.add(Rig.start(
                    DataPath.RELAY,
                    hosts,
                    // A SYN may get lost several times in a row.
                    config -> config.set("timeouts.connect", "1m").set("timeouts.hello", "1m")));
            hops.forEach(fault.onEach);
            List<Link> links = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                links.add(rig.open());
            }
            Link.exchangeAll(links, UP, DOWN);
            links.forEach(link -> rig.assertCompleted(link, 0, "relay", UP, DOWN));
            assertThat(hops).allMatch(hop -> hop.disturbed() > 0);
        }
    }

    /** Without offloads senders fill in checksums, and receivers check them. */
    private static BadHop hop(Resources resources, NetworkNamespace host, String device) {
        host.run("ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off");
        return resources.add(new BadHop(host, device));
    }
}
