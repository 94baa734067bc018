package net.sniproxy.proxy.datapath.splice;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.FlowKeys;

/**
 * Chooses the local ports of upstream connections. The kernel would choose for itself, but a spliced connection has no
 * socket: to the kernel its port is free. Thread-safe.
 */
final class SourcePorts {
    /** With 97 % of all ports taken, one of this many is free with a probability of 99.9 %. */
    private static final int MOST_LOOKS = 256;

    private final EphemeralPorts ports;
    private final Predicate<FlowKey> inUse;

    /** @param inUse whether packets with these addresses belong to a spliced connection */
    SourcePorts(EphemeralPorts ports, Predicate<FlowKey> inUse) {
        this.ports = ports;
        this.inUse = inUse;
    }

    /**
     * An end from which no spliced connection to the upstream starts; a socket may hold it all the same.
     *
     * @throws BindException if none was found
     */
    InetSocketAddress pick(InetSocketAddress upstream, InetAddress own) throws BindException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < MOST_LOOKS; i++) {
            InetSocketAddress end = new InetSocketAddress(own, ports.at(random.nextInt(ports.count())));
            if (!inUse.test(FlowKeys.of(upstream, end))) {
                return end;
            }
        }
        throw new BindException("no free port towards " + upstream.getAddress().getHostAddress() + " port "
                + upstream.getPort() + ": widen net.ipv4.ip_local_port_range or give the upstream more addresses");
    }
}
