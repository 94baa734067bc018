package net.sniproxy.proxy.datapath.sockmap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import net.sniproxy.kernel.Endpoint;
import net.sniproxy.kernel.SocketPair;

/** Socket addresses as the kernel programs write them. */
final class Ends {
    private Ends() {}

    static Endpoint of(InetSocketAddress address) {
        byte[] raw = address.getAddress().getAddress();
        ByteBuffer words = ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder());
        if (raw.length == Integer.BYTES) {
            return Endpoint.ipv4(words.getInt(), address.getPort());
        }
        return new Endpoint(words.getInt(), words.getInt(), words.getInt(), words.getInt(), address.getPort());
    }

    static SocketPair of(InetSocketAddress local, InetSocketAddress remote) {
        return SocketPair.of(of(local), of(remote));
    }

    /** The addresses that a listener is reached by: itself, or for a wildcard every address of this host. */
    static Stream<InetSocketAddress> reached(InetSocketAddress listener) {
        if (!listener.getAddress().isAnyLocalAddress()) {
            return Stream.of(listener);
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map((InetAddress address) -> new InetSocketAddress(address, listener.getPort()));
        } catch (SocketException e) {
            return Stream.empty(); // Learnt from the first connection then.
        }
    }
}
