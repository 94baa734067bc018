package net.sniproxy.proxy.datapath.splice;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.OptionalInt;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.datapath.tcp.TcpSocket;
import net.sniproxy.proxy.datapath.tcp.TcpSocket.Agreement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that what one peer sends fits into the packets of the other's path: a spliced packet keeps its length.
 *
 * <p>Upstreams are told the size that reaches the client before they are connected. Clients are told one before anybody knows
 * where they want to go: when that turns out to be too large for an upstream, this connection is relayed, and the clients that come
 * to the same listener from then on are told the smaller one. Thread-safe.
 */
final class SegmentSizes {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentSizes.class);

    /** What IPv6 carries everywhere (RFC 8200): no upstream can make the clients of all others send less. */
    private static final int LEAST_FOR_CLIENTS = 1280 - 60;
    /** Of the option ({@code MAX_TCP_WINDOW}); only the loopback interface has larger segments. */
    private static final int MOST = 32_767;

    /** IPv4 and TCP; with IPv6 an upstream is told once more than it need be. */
    private static final int LEAST_HEADERS = 40;

    private final Kernel kernel;
    /** No upstream is told more than this and the headers make up, whatever its route. */
    private final int largestMtu;

    SegmentSizes(Kernel kernel) {
        this.kernel = kernel;
        this.largestMtu = largestMtu();
    }

    /** An interface that is made later may have more: what does not fit is relayed then. */
    private static int largestMtu() {
        try {
            int largest = 0;
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                largest = each.isLoopback() ? largest : Math.max(largest, each.getMTU());
            }
            return largest;
        } catch (SocketException unknown) {
            return Integer.MAX_VALUE;
        }
    }

    /** What an upstream may send to this client; empty where its route lets it send no more anyway. */
    OptionalInt reaching(Channel client) {
        if (!(client instanceof UnixChannel unix)) {
            return OptionalInt.empty();
        }
        try {
            int bytes = new TcpSocket(kernel, unix.fd().intValue()).agreement().segmentToPeer();
            return bytes <= MOST && bytes + LEAST_HEADERS < largestMtu ? OptionalInt.of(bytes) : OptionalInt.empty();
        } catch (BpfException closed) {
            return OptionalInt.empty();
        }
    }

    /** Whether both peers' segments fit; if not, sees to it that those of later connections do. */
    boolean fit(Agreement client, Agreement upstream, Channel clientChannel) {
        if (largestFrom(client) > upstream.segmentToPeer()) {
            limitClients(clientChannel, upstream.segmentToPeer());
            return false;
        }
        return largestFrom(upstream) <= client.segmentToPeer();
    }

    /** A peer sends what it was told to, and no more than it receives itself: its own links carry no more. */
    private static int largestFrom(Agreement leg) {
        return Math.min(leg.segmentToUs(), leg.segmentToPeer());
    }

    private void limitClients(Channel client, int bytes) {
        if (bytes < LEAST_FOR_CLIENTS || !(client.parent() instanceof UnixChannel listener)) {
            return;
        }
        try {
            new TcpSocket(kernel, listener.fd().intValue()).limitSegments(bytes);
            LOG.info(
                    "splice: clients of {} are told to send segments of at most {} bytes from now on", listener, bytes);
        } catch (BpfException e) {
            LOG.debug("splice: clients of {} may send larger segments: {}", listener, e.getMessage());
        }
    }
}
