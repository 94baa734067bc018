package net.sniproxy.proxy.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a connection to an address would come back to this proxy. Thread-safe and without system calls; {@link #refresh} looks
 * at the host's interfaces.
 */
final class SelfAddresses implements Predicate<InetSocketAddress> {
    private static final Logger LOG = LoggerFactory.getLogger(SelfAddresses.class);

    private volatile List<InetSocketAddress> listening = List.of();
    private volatile Set<InetAddress> local = Set.of();

    /** The proxy's bound addresses have changed. */
    void listening(List<InetSocketAddress> addresses) {
        listening = List.copyOf(addresses);
    }

    /** Reads the addresses of all interfaces; may take a millisecond. */
    void refresh() {
        try {
            local = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(SelfAddresses::withoutZone)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SocketException e) {
            LOG.warn("cannot list network interfaces: {}", e.getMessage());
        }
    }

    @Override
    public boolean test(InetSocketAddress address) {
        for (InetSocketAddress listener : listening) {
            if (listener.getPort() == address.getPort() && reaches(listener.getAddress(), address.getAddress())) {
                return true;
            }
        }
        return false;
    }

    private boolean reaches(InetAddress listener, InetAddress address) {
        if (!listener.isAnyLocalAddress()) {
            // Linux takes a connection to 0.0.0.0 or :: for one to loopback.
            return listener.equals(address) || address.isAnyLocalAddress() && listener.isLoopbackAddress();
        }
        return address.isLoopbackAddress() || address.isAnyLocalAddress() || local.contains(address);
    }

    private static InetAddress withoutZone(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
