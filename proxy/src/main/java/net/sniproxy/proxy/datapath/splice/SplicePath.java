package net.sniproxy.proxy.datapath.splice;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Routes;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.FlowKeys;
import net.sniproxy.kernel.SpliceLeg;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.DataPath;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;
import net.sniproxy.proxy.datapath.tcp.TcpSocket.Agreement;
import net.sniproxy.proxy.datapath.tcp.TcpSocket.Position;
import net.sniproxy.proxy.event.DataPathKind;

/** Arms connections whose peers are both reached over a network. Thread-safe. */
final class SplicePath implements DataPath {
    /** A unit of 2^10 bytes is the largest that still fits into one segment. */
    private static final int COARSEST_SCALE = 10;

    /** What a SYN takes of the sequence numbers. */
    private static final int SYN = 1;

    private final Kernel kernel;
    private final SpliceTables tables;
    private final Interfaces interfaces;
    private final LiveSplices live;
    private final SourcePorts ports;
    private final SegmentSizes segments;

    SplicePath(Kernel kernel, SpliceTables tables, Interfaces interfaces, LiveSplices live) {
        this.kernel = kernel;
        this.tables = tables;
        this.interfaces = interfaces;
        this.live = live;
        this.segments = new SegmentSizes(kernel);
        this.ports = new SourcePorts(EphemeralPorts.ofSystem(), tables::isInUse);
    }

    @Override
    public DataPathKind kind() {
        return DataPathKind.SPLICE;
    }

    /** One leg before its numbers are read. */
    private record Side(TcpSocket socket, FlowKey incoming, Agreement agreement, Routes.Route route) {
        boolean isIpv4() {
            return FlowKeys.source(incoming).getAddress() instanceof Inet4Address;
        }

        boolean tooCoarse() {
            return agreement.ownWindowScale() > COARSEST_SCALE;
        }

        SpliceLeg read() {
            Position position = socket.position();
            return new SpliceLeg(
                    incoming,
                    position.receiveNext() - (int) agreement.bytesReceived() - SYN,
                    position.receiveNext(),
                    position.sendNext(),
                    agreement.timestamps() ? socket.clock() : 0,
                    agreement.peerWindowScale(),
                    agreement.ownWindowScale(),
                    agreement.timestamps(),
                    agreement.sack(),
                    agreement.ecn(),
                    route.ifindex(),
                    route.onLink());
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

    @Override
    public Optional<InetSocketAddress> source(InetSocketAddress upstream) throws BindException {
        Optional<Routes.Route> route = interfaces.towards(upstream.getAddress());
        boolean never =
                route.isEmpty() || route.get().local() || route.get().source().isEmpty();
        return never
                ? Optional.empty()
                : Optional.of(ports.pick(upstream, route.get().source().get()));
    }

    @Override
    public OptionalInt largestSegment(Channel client) {
        return segments.reaching(client);
    }

    @Override
    public void readCounts() {
        live.look();
    }

    private SplicedConnection arm(Legs legs) throws RefusedException {
        Side client = side(legs.client());
        Side upstream = side(legs.upstream());
        checkTogether(client, upstream);
        refuseIf(!segments.fit(client.agreement(), upstream.agreement(), legs.client()), Refusal.SEGMENTS);
        refuseIf(client.tooCoarse() || upstream.tooCoarse(), Refusal.WINDOW_SCALE);
        refuseIf(
                !interfaces.isReady(client.route().ifindex())
                        || !interfaces.isReady(upstream.route().ifindex()),
                Refusal.NO_PROGRAM);

        long id = client.socket().cookie();
        long now = System.nanoTime();
        SplicePlan plan =
                SplicePlan.of(id, client.read(), upstream.read(), legs.clientBytesRead(), legs.prefixBytes(), now);
        SplicedConnection connection =
                new SplicedConnection(id, plan, tables, live, legs, client.socket(), upstream.socket());
        live.add(id, connection);
        SpliceTables.Armed armed = write(id, plan);
        if (armed != SpliceTables.Armed.YES) {
            live.remove(id, connection);
            throw new RefusedException(armed == SpliceTables.Armed.FULL ? Refusal.FULL : Refusal.IN_USE);
        }
        // What came between the reading of the numbers and here went to the local sockets: the numbers are old then.
        if (client.socket().isReadable() || upstream.socket().isReadable()) {
            connection.close(false);
            throw new RefusedException(Refusal.UNREAD_DATA);
        }
        return connection;
    }

    /** A client that comes again from the same port needs the place of its last connection, which is over. */
    private SpliceTables.Armed write(long id, SplicePlan plan) {
        SpliceTables.Armed armed = tables.arm(id, plan);
        boolean again = armed == SpliceTables.Armed.IN_USE
                && tables.holder(plan.upKey()).filter(live::endNow).isPresent();
        return again ? tables.arm(id, plan) : armed;
    }

    private Side side(Channel channel) throws RefusedException {
        if (!(channel instanceof UnixChannel unix)
                || !(channel.remoteAddress() instanceof InetSocketAddress peer)
                || !(channel.localAddress() instanceof InetSocketAddress own)) {
            throw new RefusedException(Refusal.NOT_TCP);
        }
        Optional<Routes.Route> route = interfaces.towards(peer.getAddress(), own.getAddress());
        refuseIf(route.isEmpty(), Refusal.NO_ROUTE);
        refuseIf(route.get().local() || peer.getAddress().isLoopbackAddress(), Refusal.ON_THIS_HOST);
        TcpSocket socket = new TcpSocket(kernel, unix.fd().intValue());
        Agreement agreement = socket.agreement();
        refuseIf(!agreement.established(), Refusal.CLOSING);
        refuseIf(agreement.microseconds(), Refusal.MICROSECONDS);
        return new Side(socket, FlowKeys.of(peer, own), agreement, route.get());
    }

    private static void checkTogether(Side client, Side upstream) throws RefusedException {
        refuseIf(client.isIpv4() != upstream.isIpv4(), Refusal.FAMILIES_DIFFER);
        refuseIf(client.agreement().timestamps() != upstream.agreement().timestamps(), Refusal.TIMESTAMPS_DIFFER);
    }

    private static void refuseIf(boolean condition, Refusal refusal) throws RefusedException {
        if (condition) {
            throw new RefusedException(refusal);
        }
    }
}
