package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import net.sniproxy.bpf.compiler.lang.BpfSkStorage;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.SetSockOptContext;
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
    private static final long LIMIT = 2000;
    private static final int SEQUENCE = 1576;

    private final BpfSock client = BpfSock.tcp4(LOOPBACK, 40_000, LOOPBACK, LISTEN_PORT);
    private final BpfSock upstream = BpfSock.tcp4(LOOPBACK, 8443, LOOPBACK, PROXY_PORT);

    @BeforeEach
    void joinPeers() {
        KernelMaps.PROXY_ENDS.update(Endpoint.ipv4(LOOPBACK, LISTEN_PORT), new U8((byte) 1), UpdateFlags.ANY);
        enrol(SockOpsContext.ACTIVE_ESTABLISHED, client, CLIENT);
        connectProxy();
        enrol(SockOpsContext.PASSIVE_ESTABLISHED, upstream, UPSTREAM, 900, 100);
        wrote(upstream, 900); // Where its sequence begins.
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
        KernelMaps.REDIRECT_BUDGET.clear();
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
    void shouldLeaveToTcpWhatExceedsTheLimitUntilAllIsRead() {
        assertThat(isRedirected(client, 1000)).isTrue();
        assertThat(isRedirected(client, 1000))
                .as("1000 bytes and a message are held")
                .isFalse();
        wrote(client, 1000);
        assertThat(flow().state).isEqualTo(RedirectFlow.WAITING);
        assertThat(flow().unread()).isEqualTo(1000);
        assertThat(isRedirected(upstream, 1)).as("the other direction goes on").isTrue();

        SocketConsumption.consumed(reader(upstream), 1999, 0);
        assertThat(isRedirected(client, 1))
                .as("must not overtake the last byte in TCP")
                .isFalse();
        wrote(client, 1);
        SocketConsumption.consumed(reader(upstream), 1, 0);
        assertThat(isRedirected(client, 1))
                .as("nor the one that went behind it")
                .isFalse();
        wrote(client, 1);
        SocketConsumption.consumed(reader(upstream), 2, 0);
        assertThat(isRedirected(client, 1)).as("all is read").isTrue();
    }

    @Test
    void shouldCountOnlyWhatTcpTookOfAMessage() {
        isRedirected(client, 1000);
        assertThat(isRedirected(client, 1000)).isFalse();
        wrote(client, 150); // A sender that does not wait gave up the rest, and will send it again.
        SocketConsumption.consumed(reader(upstream), 1150, 0);

        assertThat(isRedirected(client, 250)).isTrue();
    }

    @Test
    void shouldFollowTheSequenceNumberBeyondItsLargest() {
        wrote(client, -1000);
        SocketConsumption.consumed(reader(upstream), -1000 & 0x7fff_ffff, 0);
        SocketConsumption.consumed(reader(upstream), 0x4000_0000, 0);
        SocketConsumption.consumed(reader(upstream), 0x4000_0000, 0);
        assertThat(isRedirected(client, 1000))
                .as("4 GiB less 1000 bytes went through TCP")
                .isTrue();
        assertThat(isRedirected(client, 1000)).isFalse();
        wrote(client, 2000);
        SocketConsumption.consumed(reader(upstream), 2999, 0);
        assertThat(isRedirected(client, 1)).isFalse();
        SocketConsumption.consumed(reader(upstream), 1, 0);
        assertThat(isRedirected(client, 1)).isTrue();
    }

    @Test
    void shouldAskForASmallSendBufferOnceWhenTheLimitIsExceeded() {
        SockOpsContext before = acknowledged(client, CLIENT);
        isRedirected(client, 1000);
        isRedirected(client, 1000);
        SockOpsContext first = acknowledged(client, CLIENT);
        SockOpsContext second = acknowledged(client, CLIENT);

        assertThat(before.sendBufferAsked()).isZero();
        assertThat(first.sendBufferAsked()).isEqualTo(1);
        assertThat(second.sendBufferAsked()).isZero();
    }

    @Test
    void shouldHoldLittleForEachWhenAllTogetherHoldTooMuch() {
        flow().limit = 10 * RedirectBudget.LEAST;
        KernelMaps.REDIRECT_BUDGET.values().get(RedirectBudget.LIMIT).value = 3 * RedirectBudget.LEAST;
        int bytes = (int) RedirectBudget.LEAST - RedirectFlow.MESSAGE_BYTES;

        for (int i = 0; i < 4; i++) {
            assertThat(isRedirected(client, bytes)).as("message %d", i).isTrue();
        }
        assertThat(held()).isEqualTo(4 * RedirectBudget.LEAST);
        assertThat(isRedirected(client, bytes)).as("too much is held").isFalse();

        SocketConsumption.consumed(reader(upstream), 4 * bytes, 0);
        assertThat(isRedirected(client, bytes)).as("all is read").isTrue();
        assertThat(held()).isEqualTo(RedirectBudget.LEAST);
    }

    @Test
    void shouldNotCountAgainstTheOthersWhatWentWithClosedConnections() {
        flow().limit = 10 * RedirectBudget.LEAST;
        KernelMaps.REDIRECT_BUDGET.values().get(RedirectBudget.LIMIT).value = 3 * RedirectBudget.LEAST;
        KernelMaps.REDIRECT_BUDGET.values().get(RedirectBudget.HELD).value = 50 * RedirectBudget.LEAST;
        KernelMaps.REDIRECT_BUDGET.values().get(RedirectBudget.WRITTEN_OFF).value = 50 * RedirectBudget.LEAST;
        int bytes = (int) RedirectBudget.LEAST - RedirectFlow.MESSAGE_BYTES;

        for (int i = 0; i < 4; i++) {
            assertThat(isRedirected(client, bytes)).as("message %d", i).isTrue();
        }
        assertThat(isRedirected(client, bytes)).as("too much is held").isFalse();
    }

    @Test
    void shouldTakeFromTheBudgetWhatWasRedirectedAndNoMore() {
        isRedirected(client, 100);
        SocketConsumption.consumed(reader(upstream), 60, 0);
        assertThat(held()).isEqualTo(40 + RedirectFlow.MESSAGE_BYTES);
        SocketConsumption.consumed(reader(upstream), 500, 0);
        assertThat(held()).as("460 of them came through TCP").isEqualTo(RedirectFlow.MESSAGE_BYTES);
    }

    @Test
    void shouldGoOnWhileTheReceiverReads() {
        for (int i = 0; i < 100; i++) {
            assertThat(isRedirected(client, 900)).as("message %d", i).isTrue();
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
    void shouldNotRedirectBeforeTheReceiverHasReadWhatTheProxySentIt() {
        KernelMaps.REDIRECT_FLOWS.update(UPSTREAM, new RedirectFlow(10, LIMIT, SEQUENCE), UpdateFlags.ANY);
        assertThat(isRedirected(client, 100))
                .as("10 bytes of the proxy's are unread")
                .isFalse();
        wrote(client, 100);

        SocketConsumption.consumed(reader(upstream), 109, 0);
        assertThat(isRedirected(client, 1)).as("one byte is unread").isFalse();
        wrote(client, 1);

        SocketConsumption.consumed(reader(upstream), 2, 0);
        assertThat(isRedirected(client, 1)).isTrue();
        assertThat(flow().unread()).isEqualTo(1);
    }

    @Test
    void shouldCountWhatPassesBeforePairing() {
        KernelMaps.CONNECTION_MAP.delete(CLIENT);
        assertThat(isRedirected(client, 517)).isFalse();
        wrote(client, 517);
        KernelMaps.CONNECTION_MAP.update(CLIENT, new U64(UPSTREAM), UpdateFlags.ANY);

        assertThat(isRedirected(client, 5))
                .as("must not overtake the 517 bytes")
                .isFalse();
        wrote(client, 5);
        SocketConsumption.consumed(reader(upstream), 522, 0);
        assertThat(isRedirected(client, 1)).isTrue();
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
    void shouldKeepKernelTlsFromEnrolledSocketsAlone() {
        int tcp = 6;
        int upperLayer = 31;
        BpfSock foreign = BpfSock.tcp4(LOOPBACK, 1, LOOPBACK, 2);
        BpfSock proxy = BpfSock.tcp4(LOOPBACK, 3, LOOPBACK, 4);
        KernelMaps.ENROLLED.get(proxy, new EnrolledSocket(0, 0, EnrolledSocket.PROXY), BpfSkStorage.CREATE);

        assertThat(judge(client, tcp, upperLayer)).isEqualTo(SetSockOptContext.REFUSE);
        assertThat(judge(upstream, tcp, upperLayer)).isEqualTo(SetSockOptContext.REFUSE);
        assertThat(judge(client, tcp, upperLayer + 1)).isEqualTo(SetSockOptContext.ALLOW);
        assertThat(judge(client, tcp + 1, upperLayer)).isEqualTo(SetSockOptContext.ALLOW);
        assertThat(judge(foreign, tcp, upperLayer)).isEqualTo(SetSockOptContext.ALLOW);
        assertThat(judge(proxy, tcp, upperLayer)).isEqualTo(SetSockOptContext.ALLOW);
    }

    private static int judge(BpfSock socket, int level, int option) {
        return UpperLayerRefusal.judge(SetSockOptContext.of(socket, level, option));
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
        KernelMaps.ENROLLED.get(proxy, new EnrolledSocket(0, 0, EnrolledSocket.PROXY), BpfSkStorage.CREATE);
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
        KernelMaps.REDIRECT_FLOWS.update(own, new RedirectFlow(0, LIMIT, SEQUENCE), UpdateFlags.ANY);
    }

    private static RedirectFlow flow() {
        return KernelMaps.REDIRECT_FLOWS.entries().get(UPSTREAM);
    }

    private static long held() {
        return KernelMaps.REDIRECT_BUDGET.values().get(RedirectBudget.HELD).value;
    }

    /** Sends a message; what is not redirected has to be given to TCP. */
    private static boolean isRedirected(BpfSock socket, int size) {
        SkMsgContext message = message(socket, size);
        assertThat(RedirectMsg.redirect(message)).isEqualTo(SkVerdict.PASS);
        return message.target() != null;
    }

    /** TCP has taken so many bytes of the socket. */
    private static void wrote(BpfSock socket, int bytes) {
        socket.addToTcp(SEQUENCE, bytes);
    }

    private static SockOpsContext acknowledged(BpfSock socket, long cookie) {
        SockOpsContext event = SockOpsContext.of(SockOpsContext.ROUND_TRIP, socket, cookie);
        SocketEnrolment.enrol(event);
        return event;
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
