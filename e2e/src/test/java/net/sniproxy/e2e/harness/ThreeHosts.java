package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import net.sniproxy.bpf.testing.NetworkNamespace;

/**
 * Clients, the proxy and back ends in a network namespace each, with a cable from the proxy to either side, IPv4 and IPv6.
 * What one side's TCP agrees to, its offloads and its MTU are changed without touching the other. Needs root; removes all
 * it made.
 */
public final class ThreeHosts implements Site {
    /** Interface of the clients. */
    public static final String CLIENT_DEVICE = "clients";
    /** Interface of the proxy towards clients. */
    public static final String FRONT_DEVICE = "front";
    /** Interface of the proxy towards back ends. */
    public static final String BACK_DEVICE = "back";
    /** Interface of the back ends. */
    public static final String BACK_END_DEVICE = "backends";

    /** IPv4 address of the clients. */
    public static final String CLIENTS = "10.77.1.1";

    private static final String FRONT = "10.77.1.2";
    private static final String BACK = "10.77.2.2";
    private static final String BACK_ENDS = "10.77.2.1";
    private static final String CLIENTS_V6 = "fd00:77:1::1";
    private static final String FRONT_V6 = "fd00:77:1::2";
    private static final String BACK_V6 = "fd00:77:2::2";
    private static final String BACK_ENDS_V6 = "fd00:77:2::1";

    private final Resources resources = new Resources();
    private final NetworkNamespace clients;
    private final NetworkNamespace proxy;
    private final NetworkNamespace backEnds;

    /** Makes the namespaces and the cables. */
    public ThreeHosts() {
        try {
            clients = resources.add(NetworkNamespace.create("clients"));
            proxy = resources.add(NetworkNamespace.create("proxy"));
            backEnds = resources.add(NetworkNamespace.create("backends"));
            clients.connect(CLIENT_DEVICE, CLIENTS + "/24", proxy, FRONT_DEVICE, FRONT + "/24");
            backEnds.connect(BACK_END_DEVICE, BACK_ENDS + "/24", proxy, BACK_DEVICE, BACK + "/24");
            address(clients, CLIENT_DEVICE, CLIENTS_V6);
            address(proxy, FRONT_DEVICE, FRONT_V6);
            address(proxy, BACK_DEVICE, BACK_V6);
            address(backEnds, BACK_END_DEVICE, BACK_ENDS_V6);
        } catch (AssertionError e) {
            resources.close();
            throw e;
        }
    }

    private static void address(NetworkNamespace host, String device, String address) {
        host.ip("addr add " + address + "/64 nodad dev " + device);
    }

    /** Turns checksum and segmentation offloads of all cables on or off. */
    public void offloads(String state) {
        offloads(clients, CLIENT_DEVICE, state);
        offloads(proxy, FRONT_DEVICE, state);
        offloads(proxy, BACK_DEVICE, state);
        offloads(backEnds, BACK_END_DEVICE, state);
    }

    static void offloads(NetworkNamespace host, String device, String state) {
        host.run("ethtool", "-K", device, "tx", state, "tso", state, "gso", state, "gro", state);
    }

    /** The host of the clients. */
    public NetworkNamespace clients() {
        return clients;
    }

    /** The host of the proxy. */
    public NetworkNamespace proxy() {
        return proxy;
    }

    /** The host of the back ends. */
    public NetworkNamespace backEnds() {
        return backEnds;
    }

    @Override
    public InetAddress proxyAddress() {
        return InetAddress.ofLiteral(FRONT);
    }

    /** As {@link #proxyAddress()}, in IPv6. */
    public InetAddress proxyAddressV6() {
        return InetAddress.ofLiteral(FRONT_V6);
    }

    @Override
    public InetAddress backEndAddress() {
        return InetAddress.ofLiteral(BACK_ENDS);
    }

    /** As {@link #backEndAddress()}, in IPv6. */
    public InetAddress backEndAddressV6() {
        return InetAddress.ofLiteral(BACK_ENDS_V6);
    }

    @Override
    public List<String> prefix() {
        return proxy.command();
    }

    /** A thread's sockets and the processes it starts belong to the namespace that the thread is in. */
    @Override
    public <T> T amongClients(Callable<T> work) {
        return clients.call(work);
    }

    @Override
    public <T> T amongBackEnds(Callable<T> work) {
        return backEnds.call(work);
    }

    /** Sets a key below {@code net.ipv4} of one host, for connections to come. */
    public static void setSysctl(NetworkNamespace host, String key, Object value) {
        host.execute(() -> {
            try {
                Files.writeString(Path.of("/proc/sys/net/ipv4", key), value.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** What one host's TCP has counted under a name of {@code TcpExt}, as {@code nstat} shows them. */
    public static long tcpCounter(NetworkNamespace host, String name) {
        return host.call(() -> {
            List<String> lines = Files.readAllLines(Path.of("/proc/thread-self/net/netstat"));
            List<String> names = List.of(lines.get(0).split(" "));
            return Long.parseLong(lines.get(1).split(" ")[names.indexOf(name)]);
        });
    }

    /**
     * Packets that one host has sent and the cable had no room for: its far end takes them out late where all processors are
     * busy.
     */
    public static long lost(NetworkNamespace host, String device) {
        return Long.parseLong(host.run("cat", "/sys/class/net/" + device + "/statistics/tx_dropped")
                .strip());
    }

    @Override
    public void close() {
        resources.close();
    }
}
