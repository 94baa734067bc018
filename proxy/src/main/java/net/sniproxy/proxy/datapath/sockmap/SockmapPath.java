package net.sniproxy.proxy.datapath.sockmap;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.kernel.Handshake;
import net.sniproxy.kernel.SocketPair;
import net.sniproxy.proxy.datapath.DataPath;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;
import net.sniproxy.proxy.datapath.tcp.TcpSocket.Position;
import net.sniproxy.proxy.event.DataPathKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pairs the sockets of peers that are both on this host. Thread-safe. */
final class SockmapPath implements DataPath {
    private static final Logger LOG = LoggerFactory.getLogger(SockmapPath.class);

    /**
     * How long the upstream's socket is looked for. Its handshake ends with our ACK, which the kernel delivers at once; only on
     * another CPU, or when the kernel defers its work, can this thread be ahead of it. Local clients alone wait.
     */
    private static final long PATIENCE_NANOS = 50_000;

    /** The same for an upstream that is on this host for sure. */
    private static final long PATIENCE_ON_THIS_HOST_NANOS = 2_000_000;

    private final Kernel kernel;
    private final SockmapTables tables;
    private final LivePairs live;
    private final long limit;

    /** @param limit bytes that the kernel may hold for each direction */
    SockmapPath(Kernel kernel, SockmapTables tables, LivePairs live, long limit) {
        this.kernel = kernel;
        this.tables = tables;
        this.live = live;
        this.limit = limit;
    }

    @Override
    public DataPathKind kind() {
        return DataPathKind.SOCKMAP;
    }

    @Override
    public void listening(List<InetSocketAddress> addresses) {
        tables.listening(addresses.stream().flatMap(Ends::reached).map(Ends::of).collect(Collectors.toSet()));
    }

    @Override
    public void connecting(Channel upstream) {
        if (upstream instanceof UnixChannel unix) {
            try {
                tables.announce(unix.fd().intValue());
            } catch (BpfException e) {
                LOG.debug("sockmap: an upstream will not be found: {}", e.getMessage());
            }
        }
    }

    /** Refused before anything was changed. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        private final Refusal refusal;

        RefusedException(Refusal refusal) {
            super(refusal.text(), null, false, false);
            this.refusal = refusal;
        }
    }

    /**
     * One of the proxy's sockets.
     *
     * @param peerEnds addresses and ports as its peer sees them
     */
    private record Side(TcpSocket socket, InetSocketAddress local, SocketPair peerEnds) {
        static Side of(Kernel kernel, Channel channel) throws RefusedException {
            if (!(channel instanceof UnixChannel unix)
                    || !(channel.remoteAddress() instanceof InetSocketAddress peer)
                    || !(channel.localAddress() instanceof InetSocketAddress own)) {
                throw new RefusedException(Refusal.NOT_TCP);
            }
            return new Side(new TcpSocket(kernel, unix.fd().intValue()), own, Ends.of(peer, own));
        }

        /** Both sequence numbers of the handshake must be those of this socket after it has read so many bytes. */
        boolean isPeer(Handshake peer, int bytesRead) {
            Position position = socket.position();
            return position.sendNext() == peer.receiveNext() && position.receiveNext() - bytesRead == peer.sendNext();
        }
    }

    @Override
    public Offer offer(Legs legs) {
        try {
            return new Offer.Armed(arm(legs));
        } catch (RefusedException e) {
            return new Offer.Declined(e.refusal.label(), e.refusal.text());
        } catch (BpfException e) {
            return Offer.Declined.because(e);
        }
    }

    private RedirectedConnection arm(Legs legs) throws RefusedException {
        Side client = Side.of(kernel, legs.client());
        tables.learn(Ends.of(client.local()));
        Optional<Handshake> found = tables.takeEnrolled(client.peerEnds());
        Handshake clientPeer = found.orElseThrow(() -> new RefusedException(Refusal.CLIENT_NOT_ENROLLED));
        try {
            return armUpstream(legs, client, clientPeer);
        } catch (RefusedException | BpfException e) {
            tables.release(clientPeer.cookie());
            throw e;
        }
    }

    private RedirectedConnection armUpstream(Legs legs, Side client, Handshake clientPeer) throws RefusedException {
        Side upstream = Side.of(kernel, legs.upstream());
        Handshake upstreamPeer = lookFor(upstream.peerEnds(), patience(legs.upstream()));
        try {
            refuseUnless(client.socket().agreement().established(), Refusal.CLOSING);
            refuseUnless(upstream.socket().agreement().established(), Refusal.CLOSING);
            refuseUnless(client.isPeer(clientPeer, legs.clientBytesRead()), Refusal.NOT_QUIET);
            refuseUnless(upstream.isPeer(upstreamPeer, 0), Refusal.NOT_QUIET);
            RedirectedConnection connection =
                    new RedirectedConnection(tables, live, legs, clientPeer.cookie(), upstreamPeer.cookie());
            refuseUnless(connection.start(limit), Refusal.FULL);
            return connection;
        } catch (RefusedException | BpfException e) {
            tables.release(upstreamPeer.cookie());
            throw e;
        }
    }

    private static long patience(Channel upstream) {
        boolean onThisHost = upstream.remoteAddress() instanceof InetSocketAddress peer
                && upstream.localAddress() instanceof InetSocketAddress own
                && peer.getAddress().equals(own.getAddress());
        return onThisHost ? PATIENCE_ON_THIS_HOST_NANOS : PATIENCE_NANOS;
    }

    private Handshake lookFor(SocketPair ends, long patience) throws RefusedException {
        long begin = System.nanoTime();
        Optional<Handshake> found = tables.takeEnrolled(ends);
        // The last look comes when the time is over: a thread that was kept from looking has waited all the same.
        for (boolean last = false; found.isEmpty() && !last; found = tables.takeEnrolled(ends)) {
            Thread.yield();
            last = System.nanoTime() - begin >= patience;
        }
        tables.forgetUpstream(ends);
        return found.orElseThrow(() -> new RefusedException(Refusal.UPSTREAM_NOT_ENROLLED));
    }

    private static void refuseUnless(boolean condition, Refusal refusal) throws RefusedException {
        if (!condition) {
            throw new RefusedException(refusal);
        }
    }
}
