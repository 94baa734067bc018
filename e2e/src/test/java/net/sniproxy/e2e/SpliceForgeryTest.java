package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.ForgedSegment;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What somebody sends who knows the addresses and ports of a spliced connection, but not its numbers; and the client that
 * looks just like that, because it has crashed and comes again.
 */
class SpliceForgeryTest {
    private static final Payload UP = new Payload(70, 200_000);
    private static final Payload DOWN = new Payload(71, 300_000);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Half of all sequence numbers away. */
    private static final int FAR = 1 << 31;

    private static final Resources resources = new Resources();
    private static ThreeHosts hosts;
    private static Rig rig;

    @BeforeAll
    static void start() {
        hosts = resources.add(new ThreeHosts());
        rig = resources.add(Rig.start(DataPath.SPLICE, hosts, config -> {}));
    }

    @AfterAll
    static void stop() {
        resources.close();
    }

    @Test
    @DisplayName("28: a forged SYN ends no connection: it is answered with a challenge")
    void shouldGoOnBehindAForgedSyn() {
        Link link = open();
        long before = challenges();
        fromClient(link, List.of(ForgedSegment.SYN), 0, 1_000, -1_000, FAR);
        Await.until("challenges by the upstream", PATIENCE, () -> challenges() - before, made -> made == 4);
        mustGoOn(link);
    }

    @Test
    @DisplayName("28: a forged RST in either direction ends no connection unless its number is exactly the next one")
    void shouldGoOnBehindAForgedReset() {
        Link link = open();
        fromClient(link, List.of(ForgedSegment.RST), 1, 1_000, -1, -1_000, FAR);
        fromUpstream(link, List.of(ForgedSegment.RST), 1, 1_000, -1, -1_000, FAR);
        mustGoOn(link);
    }

    @Test
    @DisplayName("28: a forged FIN and flags that contradict each other end no connection")
    void shouldGoOnBehindForgedFlags() {
        Link link = open();
        List<Integer> flags = IntStream.range(0, 32).boxed().toList();
        fromClient(link, flags, -1_000);
        fromUpstream(link, flags, -1_000);
        mustGoOn(link);
    }

    /** Its SYN brings the challenge, that brings its RST, and its next SYN the new connection (RFC 9293, 3.5.1). */
    @Test
    @DisplayName(
            "28: a client that has crashed comes again from the same port: its upstream gets RST, and it a new connection")
    void shouldServeAClientThatHasForgottenItsConnection() {
        Link old = open();
        hosts.amongClients(() -> {
            old.client().vanish();
            return true;
        });

        Peer again = hosts.amongClients(
                () -> Peer.connectFrom(old.client().local(), rig.proxy().address()));
        assertThat(old.server().receive()).isEqualTo(Received.of(Ending.RST));
        AccessLine line = rig.proxy().awaitEnd(old.client());
        assertThat(line.path()).as(line.text()).contains("splice");
        assertThat(line.end()).as(line.text()).isEqualTo("client_reset");

        int before = rig.proxy().accessLog().size();
        Link link = rig.open(again);
        link.exchange(UP, DOWN).join();
        rig.assertCompleted(link, before, "splice", UP, DOWN);
    }

    /** A connection that has carried something each way. */
    private static Link open() {
        Link link = rig.open();
        link.assertCarries();
        return link;
    }

    private static long challenges() {
        return ThreeHosts.tcpCounter(hosts.backEnds(), "TCPSYNChallenge");
    }

    /** @param distances of their numbers from the next one that the client will use */
    private static void fromClient(Link link, List<Integer> flags, int... distances) {
        hosts.amongClients(() -> forge(link.client(), flags, distances));
    }

    private static void fromUpstream(Link link, List<Integer> flags, int... distances) {
        hosts.amongBackEnds(() -> forge(link.server(), flags, distances));
    }

    private static boolean forge(Peer victim, List<Integer> flags, int... distances) {
        int next = victim.tcp().sendNext();
        int acknowledgement = victim.tcp().receiveNext();
        ForgedSegment.send(Arrays.stream(distances)
                .boxed()
                .flatMap(distance -> flags.stream()
                        .map(flag -> new ForgedSegment(
                                victim.local(), victim.remote(), flag, next + distance, acknowledgement)))
                .toList());
        return true;
    }

    /** Both ways to an orderly end, of which there is one line in the access log. */
    private static void mustGoOn(Link link) {
        link.assertCarries();
        link.exchange(UP, DOWN).join();
        AccessLine line = rig.assertCompleted(link, 0, "splice");
        assertThat(line.bytesUp()).as(line.text()).isEqualTo(link.hello().length + 2 * Link.CARRIED_UP + UP.length());
        assertThat(line.bytesDown()).as(line.text()).isEqualTo(2 * Link.CARRIED_DOWN + DOWN.length());
        assertThat(rig.proxy().accessLog())
                .filteredOn(each -> each.isOf(link.client().local()))
                .hasSize(1);
    }
}
