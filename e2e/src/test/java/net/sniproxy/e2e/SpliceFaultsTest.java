package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.testing.NetworkNamespace;
import net.sniproxy.e2e.faults.BadHop;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Payload;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spliced connections over bad networks: every byte arrives, in order and once, both ways. */
class SpliceFaultsTest {
    private static final int CONNECTIONS = 8;
    private static final long BYTES = 3 << 20;
    private static final List<String> TCP_OPTIONS =
            List.of("tcp_timestamps", "tcp_sack", "tcp_window_scaling", "tcp_ecn");

    private static final Resources resources = new Resources();
    private static ThreeHosts hosts;
    private static List<BadHop> hops;
    private static Rig rig;

    @BeforeAll
    static void start() {
        hosts = resources.add(new ThreeHosts());
        // Before the proxy: what is attached first sees packets first.
        hops = List.of(
                resources.add(new BadHop(hosts.clients(), ThreeHosts.CLIENT_DEVICE)),
                resources.add(new BadHop(hosts.proxy(), ThreeHosts.FRONT_DEVICE)),
                resources.add(new BadHop(hosts.proxy(), ThreeHosts.BACK_DEVICE)),
                resources.add(new BadHop(hosts.backEnds(), ThreeHosts.BACK_END_DEVICE)));
        rig = resources.add(Rig.start(
                DataPath.SPLICE,
                hosts,
                // A SYN may get lost several times in a row.
                config -> config.set("timeouts.connect", "1m").set("timeouts.hello", "1m")));
    }

    @AfterAll
    static void stop() {
        resources.close();
    }

    @AfterEach
    void mend() {
        hops.forEach(hop -> hop.set(good -> {}));
        hosts.offloads("on");
        for (NetworkNamespace host : List.of(hosts.clients(), hosts.backEnds())) {
            agree(host, 0b0111);
        }
    }

    @ParameterizedTest(name = "{0}/1000 lost, {1}/1000 doubled, offloads {2}")
    @CsvSource({"10, 0, on", "50, 0, off", "0, 10, off", "0, 50, on", "10, 10, off", "50, 50, off"})
    @DisplayName("18: loss and duplication on every hop in both directions")
    void shouldSurviveLossAndDuplication(int loss, int duplication, String offloads) {
        hosts.offloads(offloads);
        hops.forEach(hop -> hop.set(bad -> {
            bad.loss = loss;
            bad.duplication = duplication;
        }));
        exchangeUntilDisturbed();
    }

    @Test
    @DisplayName(
            "18: corruption on every hop: spoilt segments are dropped by their checksum, at the receiver at the latest")
    void shouldDeliverNothingSpoilt() {
        // Without offloads senders fill in checksums, and receivers check them.
        hosts.offloads("off");
        hops.forEach(hop -> hop.set(bad -> bad.corruption = 10));
        exchangeUntilDisturbed();
    }

    @ParameterizedTest(name = "offloads {0}")
    @ValueSource(strings = {"on", "off"})
    @DisplayName("18: reordering on every hop")
    void shouldSurviveReordering(String offloads) {
        hosts.offloads(offloads);
        hops.forEach(hop -> hop.reorder(50));
        exchangeUntilDisturbed();
    }

    /** The next host has no device for the VLAN: with the tag it would drop what it is sent. */
    @ParameterizedTest(name = "offloads {0}")
    @ValueSource(strings = {"on", "off"})
    void shouldTakeOffVlanTags(String offloads) {
        hosts.offloads(offloads);
        int before = rig.proxy().accessLog().size();
        List<Link> links = open();
        // A packet with a tag is no packet for the local stack, so all have to be spliced by now.
        links.forEach(Link::assertCarries);
        List<BadHop> atProxy = hops.subList(1, 3);
        atProxy.forEach(hop -> hop.set(bad -> bad.tagging = 500));
        Payload up = new Payload(12, BYTES);
        Payload down = new Payload(13, BYTES);
        Link.exchangeAll(links, up, down);
        assertThat(atProxy).allMatch(hop -> hop.disturbed() > 0);
        links.forEach(link -> rig.assertCompleted(link, before, "splice"));
    }

    /** Bits: timestamps, SACK, window scaling, ECN; the proxy agrees to all of them. */
    @Test
    @DisplayName("20: timestamps, SACK, window scaling and ECN on or off, in every combination of the two legs")
    void shouldJoinLegsThatAgreedToDifferentOptions() {
        ThreeHosts.setSysctl(hosts.proxy(), "tcp_ecn", 1);
        hops.forEach(hop -> hop.set(bad -> bad.loss = 5));
        Payload up = new Payload(20, 400_000);
        Payload down = new Payload(21, 600_000);
        for (int clients = 0; clients < 1 << TCP_OPTIONS.size(); clients++) {
            agree(hosts.clients(), clients);
            int before = rig.proxy().accessLog().size();
            List<Link> links = new ArrayList<>();
            for (int backEnds = 0; backEnds < 1 << TCP_OPTIONS.size(); backEnds++) {
                agree(hosts.backEnds(), backEnds);
                links.add(rig.open());
            }
            Link.exchangeAll(links, up, down);
            for (int backEnds = 0; backEnds < links.size(); backEnds++) {
                // Timestamps on one leg alone cannot be translated: nothing stands for what is missing.
                String path = (clients & 1) == (backEnds & 1) ? "splice" : "relay";
                rig.assertCompleted(links.get(backEnds), before, path, up, down);
            }
        }
    }

    private static List<Link> open() {
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            links.add(rig.open());
        }
        return links;
    }

    /** More than once if chance wants it: which packets a hop disturbs is rolled. */
    private static void exchangeUntilDisturbed() {
        do {
            exchangeAll();
        } while (hops.stream().anyMatch(hop -> hop.disturbed() == 0));
    }

    private static void exchangeAll() {
        int before = rig.proxy().accessLog().size();
        Payload up = new Payload(10, BYTES);
        Payload down = new Payload(11, BYTES);
        List<Link> links = open();
        Link.exchangeAll(links, up, down);
        links.forEach(link -> rig.assertCompleted(link, before, "splice", up, down));
    }

    private static void agree(NetworkNamespace host, int bits) {
        for (int i = 0; i < TCP_OPTIONS.size(); i++) {
            ThreeHosts.setSysctl(host, TCP_OPTIONS.get(i), bits >> i & 1);
        }
    }
}
