package net.sniproxy.kernel;

import static net.sniproxy.kernel.Frames.ethernet;
import static net.sniproxy.kernel.Frames.extension;
import static net.sniproxy.kernel.Frames.ipv4;
import static net.sniproxy.kernel.Frames.ipv6;
import static net.sniproxy.kernel.Frames.tag;
import static net.sniproxy.kernel.Frames.tcp;

import java.util.List;
import net.sniproxy.bpf.compiler.lang.XdpAction;

/**
 * A frame and what {@code xdp_ip_filter} says of it in a {@link FilterScene}.
 *
 * @param name what is special about it
 * @param frame from the Ethernet header on
 * @param verdict of {@link XdpAction}
 */
record FilterCase(String name, byte[] frame, int verdict) {
    private static final byte[] NONE = new byte[0];
    private static final byte[] SYN = tcp(TcpSegment.SYN, NONE, NONE);
    private static final String HERE = "10.0.0.1";
    private static final String HERE_IPV6 = "2001:db8:ffff::1";
    private static final int ICMPV6 = 58;

    /** A scene and its frames. */
    record Table(String name, FilterScene scene, List<FilterCase> cases) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Table> tables() {
        return List.of(
                new Table("allow list", FilterScene.allowList(), allowList()),
                new Table("deny list", FilterScene.denyList(), denyList()),
                new Table("ports", FilterScene.portsOnly(), ports()));
    }

    static List<FilterCase> allowList() {
        return List.of(
                pass("allowed address", fromIpv4("10.1.2.3")),
                drop("next address", fromIpv4("10.1.2.4")),
                drop("allowed address in wrong byte order", fromIpv4("3.2.1.10")),
                pass("first of an allowed block", fromIpv4("10.9.0.0")),
                pass("last of an allowed block", fromIpv4("10.9.255.255")),
                drop("before an allowed block", fromIpv4("10.8.255.255")),
                drop("behind an allowed block", fromIpv4("10.10.0.0")),
                drop("entry whose value is not 1", fromIpv4("10.1.2.9")),
                drop("denied address in an allowed block", fromIpv4("10.9.9.9")),
                drop("allowed only as destination", frame4(ipv4("10.1.2.4", "10.1.2.3", Frames.TCP, SYN))),
                pass("UDP", frame4(ipv4("10.1.2.3", HERE, Frames.UDP, Frames.udp(NONE)))),
                drop("UDP, not allowed", frame4(ipv4("10.1.2.4", HERE, Frames.UDP, Frames.udp(NONE)))),
                pass("IPv4 options", frame4(withOptions("10.1.2.3"))),
                drop("IPv4 options, not allowed", frame4(withOptions("10.1.2.4"))),
                pass("later fragment", frame4(fragment("10.1.2.3", Frames.TCP))),
                drop("later fragment, not allowed", frame4(fragment("10.1.2.4", Frames.TCP))),
                pass("VLAN", tagged(packet4("10.1.2.3"))),
                drop("VLAN, not allowed", tagged(packet4("10.1.2.4"))),
                pass("QinQ", doubleTagged(packet4("10.1.2.3"))),
                drop("QinQ, not allowed", doubleTagged(packet4("10.1.2.4"))),
                pass("three tags: left to the kernel", ethernet(Frames.VLAN, threeTags(packet4("10.1.2.4")))),
                pass("ARP", ethernet(Frames.ARP, new byte[28])),
                pass("IPv6 of an allowed block", fromIpv6("2001:db8:1:ffff::1")),
                drop("IPv6, not allowed", fromIpv6("2001:db8:2::1")),
                pass("IPv6 on a VLAN", ethernet(Frames.VLAN, tag(7, Frames.IPV6, packet6("2001:db8:1::1")))),
                pass("IPv6 extension headers", frame6(withExtensions("2001:db8:1::9"))),
                drop("IPv6 extension headers, not allowed", frame6(withExtensions("fe80::9"))),
                pass("neighbour solicitation", frame6(icmpv6(135, 255))),
                pass("router advertisement", frame6(icmpv6(134, 255))),
                drop("neighbour solicitation that a router passed on", frame6(icmpv6(135, 254))),
                drop("ping over IPv6", frame6(icmpv6(128, 255))),
                drop("IPv4 in a frame of IPv6", frame6(packet4("10.1.2.3"))),
                drop("IPv6 in a frame of IPv4", frame4(packet6("2001:db8:1::1"))),
                drop("IPv4 header length below 20", frame4(shortHeader())),
                drop("IPv4 total length below the header's", frame4(shortTotal())),
                drop("IPv4 header cut off before the source", frame4(Frames.hex("4500003c00000000"))));
    }

    static List<FilterCase> denyList() {
        return List.of(
                drop("denied address", fromIpv4("10.1.2.3")),
                pass("address whose rule is over", fromIpv4("10.1.2.4")),
                pass("address that is allowed and denied", fromIpv4("10.1.2.5")),
                drop("address whose rule is not over", fromIpv4("10.1.2.6")),
                pass("address of no rule", fromIpv4("10.1.2.7")),
                drop("denied block", fromIpv4("10.9.0.1")),
                pass("allowed block in a denied one", fromIpv4("10.9.1.255")),
                pass("behind a denied block", fromIpv4("10.10.0.0")),
                pass("block whose rule is over", fromIpv4("10.8.1.1")),
                drop("for a time", fromIpv4("10.7.7.7")),
                pass("for a time that is over", fromIpv4("10.7.7.8")),
                pass("for a time, but allowed by a rule", fromIpv4("10.9.1.7")),
                drop("denied IPv6 block", fromIpv6("2001:db8:1:2::1")),
                pass("allowed IPv6 block in a denied one", fromIpv6("2001:db8:1:1::1")),
                pass("IPv6 of no rule", fromIpv6("2001:db8:2::1")),
                pass("IPv6 block whose rule is over", fromIpv6("2001:db8:8::1")),
                drop("IPv6 for a time", fromIpv6("2001:db8:7:7:ffff::1")),
                pass("next IPv6 network", fromIpv6("2001:db8:7:8::1")),
                drop("denied address, ICMP", frame4(ipv4("10.1.2.3", HERE, 1, new byte[8]))));
    }

    static List<FilterCase> ports() {
        String client = "192.0.2.7";
        String client6 = "2001:db8:9::7";
        return List.of(
                drop("listen port", to4(client, "10.0.0.9", 443)),
                pass("other port: SSH", to4(client, "10.0.0.9", 22)),
                drop("listen address", to4(client, HERE, 8443)),
                pass("same port of another address", to4(client, "10.0.0.2", 8443)),
                pass("port of IPv6 only", to4(client, HERE, 444)),
                drop("IPv6 listen port", to6(client6, "2001:db8:ffff::9", 443)),
                pass("IPv6 other port: SSH", to6(client6, HERE_IPV6, 22)),
                drop("IPv6 listen address", to6(client6, HERE_IPV6, 8443)),
                pass("IPv6 same port of another address", to6(client6, "2001:db8:ffff::2", 8443)),
                drop("port of IPv6 only, IPv6", to6(client6, HERE_IPV6, 444)),
                drop("listen port behind IPv4 options", frame4(withOptions(client))),
                drop("listen port behind extension headers", frame6(withExtensions(client6))),
                drop("behind more extension headers than are read", frame6(manyExtensions(client6))),
                drop("fragment of a segment: judged by its source", frame4(fragment(client, Frames.TCP))),
                pass("fragment of a datagram", frame4(fragment(client, Frames.UDP))),
                drop("IPv6 fragment of a segment", frame6(fragment6(client6, Frames.TCP))),
                pass("IPv6 fragment of a datagram", frame6(fragment6(client6, Frames.UDP))),
                drop("IPv6 fragment that may be of a segment", frame6(fragment6(client6, 60))),
                pass("datagram to the listen port's number", frame4(ipv4(client, HERE, Frames.UDP, SYN))),
                pass("ping", frame4(ipv4(client, HERE, 1, new byte[8]))),
                drop("listen port on a VLAN", tagged(ipv4(client, HERE, Frames.TCP, SYN))),
                drop("TCP header cut off", frame4(ipv4(client, HERE, Frames.TCP, new byte[19]))));
    }

    @Override
    public String toString() {
        return name;
    }

    private static FilterCase pass(String name, byte[] frame) {
        return new FilterCase(name, frame, XdpAction.PASS);
    }

    private static FilterCase drop(String name, byte[] frame) {
        return new FilterCase(name, frame, XdpAction.DROP);
    }

    private static byte[] frame4(byte[] packet) {
        return ethernet(Frames.IPV4, packet);
    }

    private static byte[] frame6(byte[] packet) {
        return ethernet(Frames.IPV6, packet);
    }

    private static byte[] fromIpv4(String source) {
        return frame4(packet4(source));
    }

    private static byte[] fromIpv6(String source) {
        return frame6(packet6(source));
    }

    private static byte[] packet4(String source) {
        return ipv4(source, HERE, Frames.TCP, SYN);
    }

    private static byte[] packet6(String source) {
        return ipv6(source, HERE_IPV6, Frames.TCP, SYN);
    }

    private static byte[] to4(String source, String destination, int port) {
        return frame4(ipv4(source, destination, Frames.TCP, segmentTo(port)));
    }

    private static byte[] to6(String source, String destination, int port) {
        return frame6(ipv6(source, destination, Frames.TCP, segmentTo(port)));
    }

    private static byte[] segmentTo(int port) {
        return tcp(40_000, port, 1, 0, TcpSegment.SYN, 65_000, NONE, NONE);
    }

    private static byte[] withOptions(String source) {
        return ipv4(source, HERE, Frames.TCP, 0, Frames.hex("0101010101010100"), SYN);
    }

    private static byte[] fragment(String source, int protocol) {
        return ipv4(source, HERE, protocol, Frames.MORE_FRAGMENTS | 185, NONE, new byte[64]);
    }

    private static byte[] fragment6(String source, int nextHeader) {
        byte[] header = Frames.join(new byte[] {(byte) nextHeader, 0}, Frames.be16(1400), Frames.be32(7));
        return ipv6(source, HERE_IPV6, 44, Frames.join(header, new byte[4]));
    }

    private static byte[] tagged(byte[] packet) {
        return ethernet(Frames.VLAN, tag(100, Frames.IPV4, packet));
    }

    private static byte[] doubleTagged(byte[] packet) {
        return ethernet(Frames.SERVICE_VLAN, tag(200, Frames.VLAN, tag(100, Frames.IPV4, packet)));
    }

    private static byte[] threeTags(byte[] packet) {
        return tag(1, Frames.VLAN, tag(2, Frames.VLAN, tag(3, Frames.IPV4, packet)));
    }

    private static byte[] withExtensions(String source) {
        byte[] segment = extension(60, 1, extension(Frames.TCP, 0, SYN));
        return ipv6(source, HERE_IPV6, 0, segment);
    }

    private static byte[] manyExtensions(String source) {
        byte[] segment = extension(Frames.TCP, 0, SYN);
        for (int i = 0; i < 6; i++) {
            segment = extension(60, 0, segment);
        }
        return ipv6(source, HERE_IPV6, 60, segment);
    }

    private static byte[] icmpv6(int type, int hops) {
        byte[] packet = ipv6("fe80::9", "ff02::1", ICMPV6, Frames.join(new byte[] {(byte) type}, new byte[23]));
        packet[7] = (byte) hops;
        return packet;
    }

    private static byte[] shortHeader() {
        byte[] packet = packet4("10.1.2.3");
        packet[0] = 0x44;
        return packet;
    }

    private static byte[] shortTotal() {
        byte[] packet = packet4("10.1.2.3");
        packet[3] = 19;
        return packet;
    }
}
