package net.sniproxy.proxy.datapath.sockmap;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.map.SocketMap;
import net.sniproxy.bpf.map.SocketStorage;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.map.UpdateMode;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.kernel.ConnectionStats;
import net.sniproxy.kernel.Endpoint;
import net.sniproxy.kernel.EnrolledSocket;
import net.sniproxy.kernel.Handshake;
import net.sniproxy.kernel.RedirectBudget;
import net.sniproxy.kernel.RedirectFlow;
import net.sniproxy.kernel.SocketPair;
import net.sniproxy.kernel.TrafficCounter;

/** The kernel's tables of redirection. The object that was loaded owns the maps. Thread-safe. */
final class SockmapTables {
    private static final byte[] PRESENT = {1};
    /** What {@code redirect_msg} counts in. */
    private static final List<Integer> COUNTERS = List.of(
            TrafficCounter.BYTES_SENT,
            TrafficCounter.BYTES_RECEIVED,
            TrafficCounter.PACKETS_SENT,
            TrafficCounter.PACKETS_RECEIVED,
            TrafficCounter.REDIRECT_OVER_LIMIT);

    private final SocketMap<Long> sockets;
    private final SocketStorage<EnrolledSocket> enrolled;
    private final TypedMap<Long, Long> peers;
    private final TypedMap<Long, RedirectFlow> flows;
    private final TypedMap<Long, ConnectionStats> statistics;
    private final PerCpuMap<Integer, Long> traffic;
    private final TypedMap<SocketPair, Handshake> handshakes;
    private final TypedMap<SocketPair, Handshake> upstreamHandshakes;
    private final TypedMap<Endpoint, byte[]> proxyEnds;
    private final TypedMap<Integer, Long> budget;
    private final int sequenceOffset;
    private long writtenOff;
    private final Set<Endpoint> listening = ConcurrentHashMap.newKeySet();

    /**
     * @param totalLimit bytes that all connections together may make the kernel hold
     * @param sequenceOffset where {@code write_seq} is in the running kernel's {@code struct tcp_sock}
     */
    SockmapTables(LoadedObject object, long totalLimit, int sequenceOffset) {
        this.sequenceOffset = sequenceOffset;
        Codec<Long> cookies = Codec.u64();
        Codec<SocketPair> pairs = Codec.of(SocketPair.class);
        sockets = SocketMap.of(object.map("SOCK_MAP"), cookies);
        enrolled = SocketStorage.of(object.map("ENROLLED"), Codec.of(EnrolledSocket.class));
        peers = TypedMap.of(object.map("CONNECTION_MAP"), cookies, cookies);
        flows = TypedMap.of(object.map("REDIRECT_FLOWS"), cookies, Codec.of(RedirectFlow.class));
        statistics = TypedMap.of(object.map("CONNECTION_STATS"), cookies, Codec.of(ConnectionStats.class));
        traffic = PerCpuMap.of(object.map("TRAFFIC_STATS"), Codec.u32(), Codec.u64());
        handshakes = TypedMap.of(object.map("SOCKET_PAIRS"), pairs, Codec.of(Handshake.class));
        upstreamHandshakes = TypedMap.of(object.map("UPSTREAM_HANDSHAKES"), pairs, Codec.of(Handshake.class));
        budget = TypedMap.of(object.map("REDIRECT_BUDGET"), Codec.u32(), Codec.u64());
        proxyEnds = TypedMap.of(object.map("PROXY_ENDS"), Codec.of(Endpoint.class), Codec.bytes(IntegerLayout.U8));
        budget.update(RedirectBudget.LIMIT, totalLimit);
    }

    /** Clients that connect to these are enrolled, and no others. */
    void listening(Set<Endpoint> ends) {
        for (Endpoint gone : Set.copyOf(listening)) {
            if (!ends.contains(gone) && listening.remove(gone)) {
                proxyEnds.delete(gone);
            }
        }
        ends.forEach(this::learn);
    }

    /** Clients that connect to this one are enrolled too. */
    void learn(Endpoint end) {
        if (listening.add(end)) {
            proxyEnds.update(end, PRESENT);
        }
    }

    /** The peer of this socket will be looked for when it is connected. */
    void announce(int descriptor) {
        enrolled.update(descriptor, new EnrolledSocket(0, 0, EnrolledSocket.PROXY), UpdateMode.ANY);
    }

    /** The totals of all traffic, by counter and CPU. */
    Map<Integer, List<Long>> traffic() {
        return COUNTERS.stream()
                .collect(Collectors.toMap(
                        counter -> counter, counter -> traffic.lookup(counter).orElseThrow()));
    }

    /** Takes back what was counted since {@link #traffic} was called. Nothing may be redirected meanwhile. */
    void restoreTraffic(Map<Integer, List<Long>> totals) {
        totals.forEach((counter, perCpu) -> traffic.update(counter, perCpu, UpdateMode.ANY));
    }

    /** Takes a socket in whose other end is not the proxy's: to test the kernel. */
    void enrol(int descriptor, EnrolledSocket socket) {
        enrolled.update(descriptor, socket, UpdateMode.ANY);
        sockets.update(socket.cookie, descriptor, UpdateMode.NO_EXIST);
    }

    /** The enrolled socket that has these ends, if there is one; it is not found again. */
    Optional<Handshake> takeEnrolled(SocketPair ends) {
        Optional<Handshake> found = handshakes.lookup(ends);
        found.ifPresent(handshake -> handshakes.delete(ends));
        return found;
    }

    /** The proxy's connection with these ends, as the upstream sees them, has been looked for long enough. */
    void forgetUpstream(SocketPair ends) {
        upstreamHandshakes.delete(ends);
    }

    /** The socket's bytes take the way through TCP only, as if it had never been enrolled. */
    void release(long cookie) {
        sockets.delete(cookie);
    }

    /**
     * Pairs two enrolled sockets.
     *
     * @param ahead bytes that the proxy sends upstream before the client's
     * @param limit bytes that the kernel may hold for each direction
     * @return false if there is no room; then nothing has changed
     */
    boolean pair(long client, long upstream, long ahead, long limit) {
        try {
            ConnectionStats counts = new ConnectionStats();
            counts.startTime = System.nanoTime();
            statistics.update(client, counts);
            flows.update(client, new RedirectFlow(0, limit, sequenceOffset));
            flows.update(upstream, new RedirectFlow(ahead, limit, sequenceOffset));
            // Last, for with these it begins.
            peers.update(client, upstream);
            peers.update(upstream, client);
            return true;
        } catch (BpfException e) {
            unpair(client, upstream);
            if (!Errno.E2BIG.equals(e.errno())) {
                throw e;
            }
            return false;
        }
    }

    /** From now on the bytes of both take the way through TCP; what was redirected can still be read. */
    void separate(long client, long upstream) {
        peers.delete(client);
        peers.delete(upstream);
    }

    /** Removes what {@link #pair} wrote. The sockets stay, for what they hold; they leave when they are closed. */
    void unpair(long client, long upstream) {
        separate(client, upstream);
        end(client);
        end(upstream);
        statistics.delete(client);
    }

    /** What the receiver has not read goes when it is closed, and no program counts that. */
    private void end(long receiver) {
        Optional<RedirectFlow> flow = flows.lookup(receiver);
        flows.delete(receiver);
        flow.map(last -> last.unread() + last.messages)
                .filter(unread -> unread > 0)
                .ifPresent(this::writeOff);
    }

    private synchronized void writeOff(long bytes) {
        writtenOff += bytes;
        budget.update(RedirectBudget.WRITTEN_OFF, writtenOff);
    }

    /** Bytes that were redirected to a socket and have not been read. */
    long unread(long receiver) {
        return flows.lookup(receiver).map(RedirectFlow::unread).orElse(0L);
    }

    /** Whether the process has closed the socket. */
    boolean isClosed(long cookie) {
        return sockets.cookie(cookie).isEmpty();
    }

    /** What was redirected, under the client's cookie; empty once unpaired. */
    Optional<ConnectionStats> counts(long client) {
        return statistics.lookup(client);
    }
}
