package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import net.sniproxy.bpf.compiler.lang.BpfSkStorage;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.SkMsgContext;
import net.sniproxy.bpf.compiler.lang.SkVerdict;
import net.sniproxy.bpf.compiler.lang.SockOpsContext;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redirection between local peers, from enrolment to consumption, as it runs on the JVM. */
class RedirectMsgTest {
    private static final int LOOPBACK = Frames.ipv4Word("127.0.0.1");
    private static final int LISTEN_PORT = 443;
    private static final int PROXY_PORT = 50_000;
    private static final long CLIENT = 0x1_0000_0001L;
    private static final long UPSTREAM = 0x1_0000_0002L;
    private static final long LIMIT = 1000;

    private final BpfSock client = BpfSock.tcp4(LOOPBACK, 40_000, LOOPBACK, LISTEN_PORT);
    private final BpfSock upstream = BpfSock.tcp4(LOOPBACK, 8443, LOOPBACK, PROXY_PORT);

    @BeforeEach
    void joinPeers() {
        KernelMaps.PROXY_ENDS.update(Endpoint.ipv4(LOOPBACK, LISTEN_PORT), new U8((byte) 1), UpdateFlags.ANY);
        enrol(SockOpsContext.ACTIVE_ESTABLISHED, client, CLIENT);
        connectProxy();
        enrol(SockOpsContext.PASSIVE_ESTABLISHED, upstream, UPSTREAM, 900, 100);
        pair(CLIENT, UPSTREAM);
        pair(UPSTREAM, CLIENT);
    }

    @AfterEach
    void clearMaps() {
        KernelMaps.PROXY_ENDS.entries().clear();
        KernelMaps.SOCKET_PAIRS.entries().clear();
        KernelMaps.UPSTREAM_HANDSHAKES.entries().clear();
        KernelMaps.ENROLLED.values().clear();
        KernelMaps.SOCK_MAP.sockets().clear();
        KernelMaps.CONNECTION_MAP.entries().clear();
        KernelMaps.REDIRECT_FLOWS.entries().clear();
        KernelMaps.CONNECTION_STATS.entries().clear();
        KernelMaps.TRAFFIC_STATS.clear();
    }

    @Test
    void shouldRedirectBothWays() {
        SkMsgContext request = message(client, 100);
        SkMsgContext response = message(upstream, 200);

        assertThat(RedirectMsg.redirect(request)).isEqualTo(SkVerdict.PASS);
        assertThat(request.target()).isSameAs(upstream);
        assertThat(RedirectMsg.redirect(response)).isEqualTo(SkVerdict.PASS);
        assertThat(response.target()).isSameAs(client);
    }

    @Test
    void shouldCountBytesAndMessagesOfBothEnds() {
        RedirectMsg.redirect(message(client, 100));
        RedirectMsg.redirect(message(client, 50));
        RedirectMsg.redirect(message(upstream, 7));

        ConnectionStats stats = KernelMaps.CONNECTION_STATS.entries().get(CLIENT);
        assertThat(stats.bytesSent).isEqualTo(150);
        assertThat(stats.packetsSent).isEqualTo(2);
        assertThat(stats.bytesReceived).isEqualTo(7);
        assertThat(stats.packetsReceived).isEqualTo(1);
        assertThat(total(TrafficCounter.BYTES_SENT)).isEqualTo(150);
        assertThat(total(TrafficCounter.PACKETS_SENT)).isEqualTo(2);
        assertThat(total(TrafficCounter.BYTES_RECEIVED)).isEqualTo(7);
        assertThat(total(TrafficCounter.PACKETS_RECEIVED)).isEqualTo(1);
    }

    @Test
    void shouldPassWhatIsNotEnrolledOrNotPaired() {
        SkMsgContext stranger = message(BpfSock.tcp4(LOOPBACK, 1, LOOPBACK, 2), 10);
        assertThat(RedirectMsg.redirect(stranger)).isEqualTo(SkVerdict.PASS);
        assertThat(stranger.target()).isNull();

        KernelMaps.CONNECTION_MAP.delete(CLIENT);
        SkMsgContext unpaired = message(client, 10);
        assertThat(RedirectMsg.redirect(unpaired)).isEqualTo(SkVerdict.PASS);
        assertThat(unpaired.target()).isNull();
    }

    @Test
    void shouldFallBackForGoodAboveTheLimit() {
        while (message(client, 400) instanceof SkMsgContext message
                && RedirectMsg.redirect(message) == SkVerdict.PASS) {
            if (message.target() == null) {
                break;
            }
        }
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.entries().get(UPSTREAM);
        assertThat(flow.queued).isEqualTo(1200);
        assertThat(flow.state).isEqualTo(RedirectFlow.FALLEN_BACK);

        SocketConsumption.consumed(reader(upstream), 1200, 0);
        SkMsgContext later = message(client, 1);
        RedirectMsg.redirect(later);
        assertThat(later.target()).as("must not overtake what TCP carries").isNull();
        SkMsgContext back = message(upstream, 1);
        RedirectMsg.redirect(back);
        assertThat(back.target()).as("the other direction goes on").isSameAs(client);
    }

    @Test
    void shouldGoOnWhileTheReceiverReads() {
        for (int i = 0; i < 100; i++) {
            SkMsgContext message = message(client, 900);
            RedirectMsg.redirect(message);
            assertThat(message.target()).as("message %d", i).isSameAs(upstream);
            SocketConsumption.consumed(reader(upstream), 900, 0);
        }
    }

    @Test
    void shouldNotCountPeekedBytesOrErrorsAsConsumed() {
        SocketConsumption.consumed(reader(upstream), 100, 2);
        SocketConsumption.consumed(reader(upstream), -11, 0);

        assertThat(KernelMaps.REDIRECT_FLOWS.entries().get(UPSTREAM).consumed).isZero();
    }

    @Test
    void shouldEnrolOnlySocketsWhosePeerIsTheProxy() {
        BpfSock foreign = BpfSock.tcp4(LOOPBACK, 40_001, LOOPBACK, 22);
        enrol(SockOpsContext.ACTIVE_ESTABLISHED, foreign, 99);

        assertThat(KernelMaps.SOCK_MAP.sockets()).containsOnlyKeys(CLIENT, UPSTREAM);
        assertThat(KernelMaps.ENROLLED.values()).doesNotContainKey(foreign);
        Endpoint own = Endpoint.ipv4(LOOPBACK, 40_000);
        SocketPair ends = SocketPair.of(own, Endpoint.ipv4(LOOPBACK, LISTEN_PORT));
        assertThat(KernelMaps.SOCKET_PAIRS.entries().get(ends).cookie()).isEqualTo(CLIENT);
    }

    @Test
    void shouldEnrolIpv6Sockets() {
        int[] address = {0, 0, 0, Frames.ipv6Word("::1", 3)};
        Endpoint listen = new Endpoint(0, 0, 0, address[3], LISTEN_PORT);
        KernelMaps.PROXY_ENDS.update(listen, new U8((byte) 1), UpdateFlags.ANY);

        enrol(SockOpsContext.ACTIVE_ESTABLISHED, BpfSock.tcp6(address, 41_000, address, LISTEN_PORT), 77);

        SocketPair ends = SocketPair.of(new Endpoint(0, 0, 0, address[3], 41_000), listen);
        assertThat(KernelMaps.SOCKET_PAIRS.entries().get(ends).cookie()).isEqualTo(77);
    }

    @Test
    void shouldNotRedirectBeforeTheReceiverHasReadWhatWentThroughTcp() {
        RedirectFlow flow = KernelMaps.REDIRECT_FLOWS.entries().get(UPSTREAM);
        flow.ahead = 10;
        SkMsgContext early = message(client, 100);
        RedirectMsg.redirect(early);
        assertThat(early.target()).as("10 bytes of the proxy's are unread").isNull();

        SocketConsumption.consumed(reader(upstream), 109, 0);
        SkMsgContext stillEarly = message(client, 1);
        RedirectMsg.redirect(stillEarly);
        assertThat(stillEarly.target()).as("one byte is unread").isNull();

        SocketConsumption.consumed(reader(upstream), 2, 0);
        SkMsgContext inTime = message(client, 1);
        RedirectMsg.redirect(inTime);
        assertThat(inTime.target()).isSameAs(upstream);
        assertThat(flow.unread()).isEqualTo(1);
    }

    @Test
    void shouldCountWhatPassesBeforePairing() {
        KernelMaps.CONNECTION_MAP.delete(CLIENT);
        RedirectMsg.redirect(message(client, 517));
        KernelMaps.CONNECTION_MAP.update(CLIENT, new U64(UPSTREAM), UpdateFlags.ANY);

        SkMsgContext early = message(client, 5);
        RedirectMsg.redirect(early);
        assertThat(early.target()).as("must not overtake the 517 bytes").isNull();
        SocketConsumption.consumed(reader(upstream), 522, 0);
        SkMsgContext next = message(client, 1);
        RedirectMsg.redirect(next);
        assertThat(next.target()).isSameAs(upstream);
    }

    @Test
    void shouldLeaveSendersToAClosedReceiverToTcp() {
        KernelMaps.SOCK_MAP.sockets().remove(UPSTREAM);
        SkMsgContext message = message(client, 10);

        assertThat(RedirectMsg.redirect(message)).isEqualTo(SkVerdict.PASS);
        assertThat(message.target()).isNull();
        assertThat(KernelMaps.CONNECTION_STATS.entries().get(CLIENT).bytesSent).isZero();
    }

    @Test
    void shouldNotEnrolWhatOnlyHasTheSameAddresses() {
        BpfSock other = BpfSock.tcp4(LOOPBACK, 8443, LOOPBACK, PROXY_PORT);
        enrol(SockOpsContext.PASSIVE_ESTABLISHED, other, 98, 900, 101);
        enrol(SockOpsContext.PASSIVE_ESTABLISHED, other, 98, 901, 100);

        assertThat(KernelMaps.SOCK_MAP.sockets()).containsOnlyKeys(CLIENT, UPSTREAM);
    }

    /** The proxy's socket towards the upstream, which the control plane has marked before it connected it. */
    private static void connectProxy() {
        BpfSock proxy = BpfSock.tcp4(LOOPBACK, PROXY_PORT, LOOPBACK, 8443);
        KernelMaps.ENROLLED.get(proxy, new EnrolledSocket(0, EnrolledSocket.PROXY), BpfSkStorage.CREATE);
        enrol(SockOpsContext.ACTIVE_ESTABLISHED, proxy, 3, 100, 900);
        assertThat(KernelMaps.SOCK_MAP.sockets()).containsOnlyKeys(CLIENT);
    }

    private static long total(int counter) {
        return KernelMaps.TRAFFIC_STATS.values().get(counter).value;
    }

    private static void enrol(int op, BpfSock socket, long cookie) {
        enrol(op, socket, cookie, 0, 0);
    }

    private static void enrol(int op, BpfSock socket, long cookie, int sendNext, int receiveNext) {
        assertThat(SocketEnrolment.enrol(SockOpsContext.of(op, socket, cookie, sendNext, receiveNext)))
                .isEqualTo(1);
    }

    private static void pair(long own, long peer) {
        KernelMaps.CONNECTION_MAP.update(own, new U64(peer), UpdateFlags.ANY);
        KernelMaps.CONNECTION_STATS.update(own, new ConnectionStats(), UpdateFlags.ANY);
        RedirectFlow flow = new RedirectFlow();
        flow.limit = LIMIT;
        KernelMaps.REDIRECT_FLOWS.update(own, flow, UpdateFlags.ANY);
    }

    private static SkMsgContext message(BpfSock socket, int size) {
        return SkMsgContext.of(new byte[size], socket);
    }

    /** The same socket as a tracepoint sees it. */
    private static Sock reader(BpfSock socket) {
        record Reader(int family, int localPort) implements Sock {}
        Sock reader = new Reader(socket.family(), socket.localPort());
        EnrolledSocket enrolled = KernelMaps.ENROLLED.get(socket, null, 0);
        assertThat(enrolled).isNotNull();
        KernelMaps.ENROLLED.get(reader, enrolled, BpfSkStorage.CREATE);
        return reader;
    }
}
