package net.sniproxy.e2e.harness;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Callable;
import net.sniproxy.bpf.testing.NetworkNamespace;

/**
 * As {@link ThreeHosts}, with a router between the proxy and either side. Every cable carries 1,500 bytes; the routers carry
 * less on, and say so by ICMP. Needs root; removes all it made.
 */
public final class RoutedHosts implements Site {
    private static final int NARROW = 1280;
    private static final String FAR_DEVICE = "far";
    private static final String BEHIND_DEVICE = "behind";
    private static final String BACK_END = "10.77.12.1";
    private static final String BACK_END_V6 = "fd00:77:12::1";

    private final Resources resources = new Resources();
    private final ThreeHosts near;
    private final NetworkNamespace client;
    private final NetworkNamespace backEnd;
    private final boolean ipv6;

    /** Makes everything; peers and listeners are those of one family. */
    public RoutedHosts(boolean ipv6) {
        this.ipv6 = ipv6;
        try {
            near = resources.add(new ThreeHosts());
            client = resources.add(NetworkNamespace.create("far-client"));
            backEnd = resources.add(NetworkNamespace.create("far-backend"));
            attach(client, "10.77.11", "fd00:77:11", near.clients(), ThreeHosts.CLIENT_DEVICE, near.proxyAddress());
            InetAddress back = InetAddress.ofLiteral("10.77.2.2");
            attach(backEnd, "10.77.12", "fd00:77:12", near.backEnds(), ThreeHosts.BACK_END_DEVICE, back);
            near.proxy()
                    .ip(
                            "route add 10.77.11.0/24 via 10.77.1.1",
                            "route add 10.77.12.0/24 via 10.77.2.1",
                            "route add fd00:77:11::/64 via fd00:77:1::1",
                            "route add fd00:77:12::/64 via fd00:77:2::1");
        } catch (AssertionError e) {
            resources.close();
            throw e;
        }
    }

    private static void attach(
            NetworkNamespace far, String net, String netV6, NetworkNamespace router, String device, InetAddress proxy) {
        far.connect(FAR_DEVICE, net + ".1/24", router, BEHIND_DEVICE, net + ".2/24");
        far.ip("addr add " + netV6 + "::1/64 nodad dev far", "route add default via " + net + ".2");
        router.ip("addr add " + netV6 + "::2/64 nodad dev behind");
        far.ip("route add default via " + netV6 + "::2");
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        String mtu = " mtu lock " + NARROW;
        String proxyV6 = net.endsWith("11") ? "fd00:77:1::2" : "fd00:77:2::2";
        router.ip(
                "route add " + net + ".1/32 dev behind" + mtu,
                "route add " + proxy.getHostAddress() + "/32 dev " + device + mtu,
                "route add " + netV6 + "::1/128 dev behind" + mtu,
                "route add " + proxyV6 + "/128 dev " + device + mtu);
    }

    /** As {@link ThreeHosts#offloads}. */
    public void offloads(String state) {
        near.offloads(state);
        ThreeHosts.offloads(client, FAR_DEVICE, state);
        ThreeHosts.offloads(near.clients(), BEHIND_DEVICE, state);
        ThreeHosts.offloads(backEnd, FAR_DEVICE, state);
        ThreeHosts.offloads(near.backEnds(), BEHIND_DEVICE, state);
    }

    @Override
    public InetAddress proxyAddress() {
        return ipv6 ? near.proxyAddressV6() : near.proxyAddress();
    }

    @Override
    public InetAddress backEndAddress() {
        return InetAddress.ofLiteral(ipv6 ? BACK_END_V6 : BACK_END);
    }

    @Override
    public List<String> prefix() {
        return near.prefix();
    }

    @Override
    public <T> T amongClients(Callable<T> work) {
        return client.call(work);
    }

    @Override
    public <T> T amongBackEnds(Callable<T> work) {
        return backEnd.call(work);
    }

    @Override
    public void close() {
        resources.close();
    }
}
