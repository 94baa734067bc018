package net.sniproxy.e2e;

import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Peers on the proxy's own host, whose packets cross no interface with the program: never wrong bytes. */
class SpliceLocalPeersTest {
    private static final String LOCAL = "local.site.test";
    private static final Payload UP = new Payload(40, 3_000_000);
    private static final Payload DOWN = new Payload(41, 4_000_000);

    private static final Resources resources = new Resources();
    private static ThreeHosts hosts;
    private static BackEnd local;
    private static Rig rig;

    @BeforeAll
    static void start() {
        hosts = resources.add(new ThreeHosts());
        local = resources.add(hosts.proxy().call(() -> BackEnd.start(hosts.proxyAddress())));
        rig = resources.add(Rig.start(DataPath.SPLICE, hosts, config -> config.route(LOCAL, local.target())));
    }

    @AfterAll
    static void stop() {
        resources.close();
    }

    @Test
    void shouldRelayClientsOnTheProxysHost() {
        mustBeRelayed(Rig.open(hosts.proxy().call(() -> Peer.connect(rig.proxy().address())), Rig.NAME, rig.backEnd()));
    }

    @Test
    void shouldRelayToUpstreamsOnTheProxysHost() {
        mustBeRelayed(Rig.open(rig.connect(), LOCAL, local));
    }

    private static void mustBeRelayed(Link link) {
        link.exchange(UP, DOWN).join();
        rig.assertRelayed(link, 0, "splice: a peer is on this host", UP, DOWN);
    }
}
