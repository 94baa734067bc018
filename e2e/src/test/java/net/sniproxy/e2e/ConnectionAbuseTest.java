package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Ports;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.wire.CorkedPeer;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Flood;
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

/** What peers do to connections in the middle of their lives, on each data path. */
@ParameterizedClass(name = "{0}")
@EnumSource(DataPath.class)
class ConnectionAbuseTest {
    private static final long QUEUED = 8 << 20;
    private static Rig rig;

    @BeforeParameterizedClassInvocation
    static void start(DataPath path) {
        rig = Rig.start(path, config -> {});
        // With the first connection the proxy opens what it keeps: its sockets are counted below.
        rig.open().close();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        rig.close();
    }

    ConnectionAbuseTest(DataPath path) {
        assertThat(rig.path()).isEqualTo(path);
    }

    @Test
    @DisplayName("10: client half-closes with 8 MB queued: FIN behind the last byte, the other direction stays open")
    void shouldKeepDownstreamOpenWhenClientHalfCloses() {
        Payload up = new Payload(10, QUEUED);
        Payload down = new Payload(11, QUEUED);
        try (Link link = rig.open()) {
            // Nobody reads while this is sent, so FIN waits behind full queues.
            CompletableFuture<Peer> sent = link.client().sending(up).thenApply(Peer::finish);
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.FIN, up));
            sent.join();
            assertThat(link.client().silentFor(Duration.ofMillis(200))).isTrue();
            CompletableFuture<Received> received = link.client().receiving();
            link.server().send(down).finish();
            assertThat(received.join()).isEqualTo(Received.of(Ending.FIN, down));
            assertEnd(link, "completed", link.hello().length + QUEUED, QUEUED);
        }
    }

    @Test
    @DisplayName("10: upstream half-closes with 8 MB queued: FIN behind the last byte, the other direction stays open")
    void shouldKeepUpstreamOpenWhenUpstreamHalfCloses() {
        Payload up = new Payload(12, QUEUED);
        Payload down = new Payload(13, QUEUED);
        try (Link link = rig.open()) {
            CompletableFuture<Peer> sent = link.server().sending(down).thenApply(Peer::finish);
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.FIN, down));
            sent.join();
            assertThat(link.server().silentFor(Duration.ofMillis(200))).isTrue();
            CompletableFuture<Received> received = link.server().receiving();
            link.client().send(up).finish();
            assertThat(received.join()).isEqualTo(Received.of(Ending.FIN, up));
            assertEnd(link, "completed", link.hello().length + QUEUED, QUEUED);
        }
    }

    @Test
    @DisplayName("11: hello, data and FIN in one segment: all data, FIN, no RST")
    void shouldDeliverWhatCameInOneSegmentWithFin() {
        byte[] hello = Hello.of(Rig.NAME).bytes();
        byte[] data = new Payload(14, 500).bytes();
        Payload down = new Payload(15, 100_000);
        try (CorkedPeer client = CorkedPeer.connect(rig.proxy().address())) {
            client.sendWithFin(hello, data);
            try (Peer server = rig.backEnd().accept()) {
                assertThat(server.receive()).isEqualTo(Received.of(Ending.FIN, hello, data));
                server.send(down).finish();
                assertThat(client.receive()).isEqualTo(Received.of(Ending.FIN, down));
            }
        }
    }

    @Test
    @DisplayName("11: data and FIN of the upstream in one segment, then close: all data, FIN, no RST")
    void shouldDeliverTheLastWordsOfAnUpstreamThatCloses() {
        Payload down = new Payload(16, 300_000);
        for (int i = 0; i < 20; i++) {
            try (Link link = rig.open()) {
                link.server().send(down).close();
                assertThat(link.client().receive()).isEqualTo(Received.of(Ending.FIN, down));
            }
        }
    }

    @Test
    @DisplayName("11: client resets in mid-stream: RST upstream, all state gone")
    void shouldResetUpstreamWhenClientResets() {
        int before = rig.proxy().proc().sockets();
        try (Link link = rig.open()) {
            link.server().send(new Payload(17, 10_000));
            link.client().read(10_000);
            link.client().reset();
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.RST));
            assertEnd(link, "client_reset", link.hello().length, 10_000);
        }
        rig.awaitSockets(before);
    }

    @Test
    @DisplayName("11: client resets while the upstream is sending: RST upstream, all state gone")
    void shouldResetUpstreamWhenClientResetsUnderTraffic() {
        int before = rig.proxy().proc().sockets();
        try (Link link = rig.open()) {
            link.server().sending(new Payload(18, 1 << 30));
            link.client().read(1 << 20);
            link.client().reset();
            assertThat(link.server().receive().ending()).isEqualTo(Ending.RST);
            assertThat(rig.proxy().awaitEnd(link.client()).end()).isEqualTo("client_reset");
        }
        rig.awaitSockets(before);
    }

    @Test
    @DisplayName("11: upstream resets in mid-stream: RST to the client, all state gone")
    void shouldResetClientWhenUpstreamResets() {
        int before = rig.proxy().proc().sockets();
        try (Link link = rig.open()) {
            link.client().send(new Payload(19, 10_000));
            link.server().read(10_000);
            link.server().reset();
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.RST));
            assertEnd(link, "upstream_reset", link.hello().length + 10_000, 0);
        }
        rig.awaitSockets(before);
    }

    @Test
    @DisplayName("11: RST after FIN: an end that was orderly one way is a reset the other way")
    void shouldResetTheOpenDirectionAfterFin() {
        try (Link link = rig.open()) {
            link.client().finish();
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.FIN));
            link.server().reset();
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.RST));
        }
    }

    @Test
    @DisplayName("12: a stopped reader holds back its own sender, and nobody else")
    void shouldHoldBackTheSenderOfAStoppedReader() {
        Payload other = new Payload(20, QUEUED);
        try (Link stuck = rig.open();
                Link free = rig.open()) {
            long taken = Flood.on(List.of(stuck.client())).untilStuck(Duration.ofMillis(300));
            CompletableFuture<Received> received = free.server().receiving();
            free.client().send(other).finish();
            assertThat(received.join()).isEqualTo(Received.of(Ending.FIN, other));
            assertThat(stuck.server().read((int) Math.min(taken, 1 << 20))).containsOnly(0);
        }
    }

    @Test
    @DisplayName("21: a client that reuses its port at once gets a new connection, never bytes of the old one")
    void shouldNotMixConnectionsOfOneClientPort() {
        InetSocketAddress from = new InetSocketAddress(ownAddress(), Ports.free());
        try (Link first = rig.open(Peer.connectFrom(from, rig.proxy().address()))) {
            first.server().send(new Payload(21, 50_000));
            first.client().read(100);
            first.client().reset();
        }
        for (int round = 0; round < 20; round++) {
            Payload up = new Payload(round, 20_000);
            Payload down = new Payload(1000 + round, 20_000);
            try (Link link = rig.open(Peer.connectFrom(from, rig.proxy().address()))) {
                link.client().send(up);
                link.server().send(down);
                assertThat(link.server().read(20_000)).isEqualTo(up.bytes());
                assertThat(link.client().read(20_000)).isEqualTo(down.bytes());
                link.client().reset();
            }
        }
    }

    /** An address from which nobody else connects, so that a port of it that was free stays free. */
    private static InetAddress ownAddress() {
        InetAddress proxy = rig.proxy().address().getAddress();
        if (proxy.isLoopbackAddress()) {
            int own = (int) ProcessHandle.current().pid();
            return InetAddress.ofLiteral("127." + (1 + own % 250) + "." + (own / 250 % 250) + ".21");
        }
        try (Peer any = rig.connect()) {
            return any.local().getAddress();
        }
    }

    @Test
    @DisplayName("both directions at once, many connections, every size: byte-identical")
    void shouldCarryBothDirectionsOfManyConnectionsAtOnce() {
        SplittableRandom random = new SplittableRandom(22);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Payload up = new Payload(random.nextLong(), random.nextLong(1 << 18));
            Payload down = new Payload(random.nextLong(), random.nextLong(1 << 18));
            Link link = rig.open();
            all.add(link.exchange(up, down));
        }
        all.forEach(CompletableFuture::join);
    }

    private static void assertEnd(Link link, String end, long up, long down) {
        AccessLine line = rig.proxy().awaitEnd(link.client());
        assertThat(line.end()).as(line.text()).isEqualTo(end);
        assertThat(line.bytesUp()).as(line.text()).isEqualTo(up);
        assertThat(line.bytesDown()).as(line.text()).isEqualTo(down);
        assertThat(line.path()).as(line.text()).contains(rig.path().label());
    }
}
