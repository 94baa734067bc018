package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Resources;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.TcpState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spliced connections at the ends of the numbers that TCP counts in. */
class SpliceNumbersTest {
    private static final String SMALL = "small.site.test";
    /** Receive buffer, bytes, for which no window scale is needed. */
    private static final int SMALL_BUFFER = 32_000;

    /** Of the range of a clock, in milliseconds. */
    private static final int QUARTER = 1 << 30;

    private static final int SHORTLY_BEFORE = -20;
    /** Longer than the test takes from there. */
    private static final int PATIENCE_MILLIS = 200_000;

    private static final int ROUND_BYTES = 50_000;

    private static final String USUAL_BUFFERS = "4096 131072 6291456";
    /** The largest that Linux takes: windows of 2^30 bytes, which only the largest scale can express. */
    private static final String HUGE_BUFFERS = "4096 131072 1073741824";

    private static final Resources resources = new Resources();
    private static ThreeHosts hosts;
    private static BackEnd small;
    private static Rig rig;

    @BeforeAll
    static void start() {
        hosts = resources.add(new ThreeHosts());
        small = resources.add(
                hosts.amongBackEnds(() -> BackEnd.startWithReceiveBuffer(hosts.backEndAddress(), SMALL_BUFFER)));
        rig = resources.add(Rig.start(DataPath.SPLICE, hosts, config -> config.route(SMALL, small.target())));
    }

    @AfterAll
    static void stop() {
        resources.close();
    }

    @AfterEach
    void restore() {
        for (var host : List.of(hosts.clients(), hosts.proxy(), hosts.backEnds())) {
            ThreeHosts.setSysctl(host, "tcp_rmem", USUAL_BUFFERS);
        }
    }

    /** The four streams of numbers that a splice has to do with: what either peer sends, as it leaves it and as it arrives. */
    private enum Stream {
        FROM_CLIENT,
        TO_UPSTREAM,
        FROM_UPSTREAM,
        TO_CLIENT
    }

    private static Set<Stream> streamsBeforeTheWrap(Link link, int near) {
        Map<Stream, Integer> next = new EnumMap<>(Stream.class);
        hosts.amongClients(() -> {
            TcpState client = link.client().tcp();
            next.put(Stream.FROM_CLIENT, client.sendNext());
            return next.put(Stream.TO_CLIENT, client.receiveNext());
        });
        hosts.amongBackEnds(() -> {
            TcpState server = link.server().tcp();
            next.put(Stream.FROM_UPSTREAM, server.sendNext());
            return next.put(Stream.TO_UPSTREAM, server.receiveNext());
        });
        next.values().removeIf(number -> number < -near || number >= 0);
        return next.keySet();
    }

    /** Initial numbers are random, so connections are opened until each stream of one of them begins shortly before 2³². */
    @Test
    @DisplayName("20: sequence numbers wrap in each of the four streams of a spliced connection")
    void shouldCarryBytesAcrossTheWrapOfSequenceNumbers() {
        int near = 32 << 20;
        Set<Stream> wanted = EnumSet.allOf(Stream.class);
        List<Link> links = new ArrayList<>();
        int before = rig.proxy().accessLog().size();
        for (int opened = 0; !wanted.isEmpty(); opened++) {
            assertThat(opened).as("connections, with %s still wanted", wanted).isLessThan(2_000);
            Link link = rig.open();
            if (wanted.removeAll(streamsBeforeTheWrap(link, near))) {
                links.add(link);
            } else {
                link.client().reset();
                link.close();
            }
        }
        Payload up = new Payload(30, near + 100_000);
        Payload down = new Payload(31, near + 100_000);
        Link.exchangeAll(links, up, down);
        links.forEach(link -> rig.assertCompleted(link, before, "splice", up, down));
    }

    /** The clocks of both peers go once round all 32 bits, as they do in 50 days, so every number made from them wraps too. */
    @Test
    @DisplayName("20: timestamps wrap, of either peer and as the proxy translates them")
    void shouldCarryBytesAcrossTheWrapOfTimestamps() {
        int before = rig.proxy().accessLog().size();
        Link link = rig.open();
        exchange(link, 0);
        int rounds = 1;
        for (; rounds < 5; rounds++) {
            moveClocks(link, clock -> clock + QUARTER);
            exchange(link, rounds);
        }
        for (; rounds < 9; rounds++) {
            moveClocks(link, SpliceNumbersTest::towardsTheWrap);
            exchange(link, rounds);
        }
        for (; rounds < 30 || hosts.amongBackEnds(() -> link.server().tcp().clock()) < 0; rounds++) {
            assertThat(rounds).as("rounds, and the clock has not wrapped").isLessThan(1_000);
            exchange(link, rounds);
        }
        Payload up = new Payload(32, 3_000_000);
        Payload down = new Payload(33, 3_000_000);
        link.exchange(up, down).join();
        long exchanged = rounds * (long) ROUND_BYTES;
        AccessLine line = rig.assertCompleted(link, before, "splice");
        assertThat(line.bytesUp()).as(line.text()).isEqualTo(link.hello().length + exchanged + up.length());
        assertThat(line.bytesDown()).as(line.text()).isEqualTo(exchanged + down.length());
    }

    /** By a quarter at most: a receiver takes a clock that moves by half its range for one that goes backwards. */
    private static int towardsTheWrap(int clock) {
        long left = Integer.toUnsignedLong(SHORTLY_BEFORE - clock);
        boolean passed = left > 4L * QUARTER - PATIENCE_MILLIS;
        return passed ? clock : clock + (int) Math.min(left, QUARTER);
    }

    private static void moveClocks(Link link, IntUnaryOperator change) {
        hosts.amongClients(() -> moveClock(link.client().tcp(), change));
        hosts.amongBackEnds(() -> moveClock(link.server().tcp(), change));
    }

    private static boolean moveClock(TcpState tcp, IntUnaryOperator change) {
        tcp.setClock(change.applyAsInt(tcp.clock()));
        return true;
    }

    /** Some segments each way, all read before this returns. */
    private static void exchange(Link link, long seed) {
        byte[] bytes = new Payload(seed, ROUND_BYTES).bytes();
        link.client().send(bytes);
        assertThat(link.server().read(bytes.length)).isEqualTo(bytes);
        link.server().send(bytes);
        assertThat(link.client().read(bytes.length)).isEqualTo(bytes);
    }

    @ParameterizedTest(name = "client {0}, upstream {1}")
    @CsvSource({"0, 0", "0, 14", "14, 0", "14, 14"})
    @DisplayName("20: window scales of the peers at their extremes")
    void shouldTranslateWindowsOfAnyScale(int clientScale, int upstreamScale) {
        ThreeHosts.setSysctl(hosts.clients(), "tcp_rmem", HUGE_BUFFERS);
        ThreeHosts.setSysctl(hosts.backEnds(), "tcp_rmem", HUGE_BUFFERS);
        int before = rig.proxy().accessLog().size();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Peer client = hosts.amongClients(() -> clientScale == 0
                    ? Peer.connectWithReceiveBuffer(rig.proxy().address(), SMALL_BUFFER)
                    : Peer.connect(rig.proxy().address()));
            Link link = upstreamScale == 0 ? Rig.open(client, SMALL, small) : rig.open(client);
            assertThat(hosts.amongClients(() -> link.client().tcp().windowScale()))
                    .isEqualTo(clientScale);
            assertThat(hosts.amongBackEnds(() -> link.server().tcp().windowScale()))
                    .isEqualTo(upstreamScale);
            links.add(link);
        }
        Payload up = new Payload(34, 10_000_000);
        Payload down = new Payload(35, 10_000_000);
        Link.exchangeAll(links, up, down);
        links.forEach(link -> rig.assertCompleted(link, before, "splice", up, down));
    }

    @Test
    @DisplayName("20: a window scale of the proxy's own that is too coarse to translate into: relayed")
    void shouldRelayWhereTheProxyCountsWindowsTooCoarsely() {
        ThreeHosts.setSysctl(hosts.proxy(), "tcp_rmem", HUGE_BUFFERS);
        int before = rig.proxy().accessLog().size();
        Payload up = new Payload(36, 5_000_000);
        Payload down = new Payload(37, 5_000_000);
        Link link = rig.open();
        link.exchange(up, down).join();
        rig.assertRelayed(link, before, "splice: a window scale is too coarse", up, down);
    }
}
