package net.sniproxy.kernel;

import static net.sniproxy.kernel.Frames.ethernet;
import static net.sniproxy.kernel.Frames.extension;
import static net.sniproxy.kernel.Frames.ipv4;
import static net.sniproxy.kernel.Frames.ipv6;
import static net.sniproxy.kernel.Frames.tag;
import static net.sniproxy.kernel.Frames.tcp;

import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.compiler.lang.XdpAction;

/**
 * A frame and what {@code xdp_ip_filter} says of it when 10.1.2.3, 10.9.0.0/16, 2001:db8:1::/48 are allowed.
 *
 * @param name what is special about it
 * @param frame from the Ethernet header on
 * @param verdict of {@link XdpAction}
 */
record FilterCase(String name, byte[] frame, int verdict) {
    private static final byte[] NONE = new byte[0];
    private static final byte[] SYN = tcp(TcpSegment.SYN, NONE, NONE);

    static List<FilterCase> all() {
        return List.of(
                pass("allowed address", ethernet(Frames.IPV4, fromIpv4("10.1.2.3"))),
                drop("next address", ethernet(Frames.IPV4, fromIpv4("10.1.2.4"))),
                drop("allowed address in wrong byte order", ethernet(Frames.IPV4, fromIpv4("3.2.1.10"))),
                pass("first of an allowed block", ethernet(Frames.IPV4, fromIpv4("10.9.0.0"))),
                pass("last of an allowed block", ethernet(Frames.IPV4, fromIpv4("10.9.255.255"))),
                drop("before an allowed block", ethernet(Frames.IPV4, fromIpv4("10.8.255.255"))),
                drop("behind an allowed block", ethernet(Frames.IPV4, fromIpv4("10.10.0.0"))),
                drop("entry whose value is not 1", ethernet(Frames.IPV4, fromIpv4("10.1.2.9"))),
                drop("/32 whose value is not 1 in an allowed block", ethernet(Frames.IPV4, fromIpv4("10.9.9.9"))),
                drop("allowed only as destination", ethernet(Frames.IPV4, ipv4("10.1.2.4", "10.1.2.3", 6, SYN))),
                pass("UDP", ethernet(Frames.IPV4, ipv4("10.1.2.3", "10.0.0.1", 17, Frames.udp(NONE)))),
                pass("IPv4 options", ethernet(Frames.IPV4, withOptions("10.1.2.3"))),
                drop("IPv4 options, not allowed", ethernet(Frames.IPV4, withOptions("10.1.2.4"))),
                pass("later fragment", ethernet(Frames.IPV4, fragment("10.1.2.3"))),
                drop("later fragment, not allowed", ethernet(Frames.IPV4, fragment("10.1.2.4"))),
                pass("VLAN", tagged(fromIpv4("10.1.2.3"))),
                drop("VLAN, not allowed", tagged(fromIpv4("10.1.2.4"))),
                pass("QinQ", doubleTagged(fromIpv4("10.1.2.3"))),
                drop("QinQ, not allowed", doubleTagged(fromIpv4("10.1.2.4"))),
                pass("three tags: left to the kernel", ethernet(Frames.VLAN, threeTags(fromIpv4("10.1.2.4")))),
                pass("ARP", ethernet(Frames.ARP, new byte[28])),
                pass("IPv6 of an allowed block", ethernet(Frames.IPV6, fromIpv6("2001:db8:1:ffff::1"))),
                drop("IPv6, not allowed", ethernet(Frames.IPV6, fromIpv6("2001:db8:2::1"))),
                pass("IPv6 on a VLAN", ethernet(Frames.VLAN, tag(7, Frames.IPV6, fromIpv6("2001:db8:1::1")))),
                pass("IPv6 extension headers", ethernet(Frames.IPV6, withExtensions("2001:db8:1::9"))),
                drop("IPv6 extension headers, not allowed", ethernet(Frames.IPV6, withExtensions("fe80::9"))),
                drop("IPv4 in a frame of IPv6", ethernet(Frames.IPV6, fromIpv4("10.1.2.3"))),
                drop("IPv6 in a frame of IPv4", ethernet(Frames.IPV4, fromIpv6("2001:db8:1::1"))),
                drop("IPv4 header length below 20", ethernet(Frames.IPV4, shortHeader())),
                drop("IPv4 header cut off before the source", ethernet(Frames.IPV4, Frames.hex("4500003c00000000"))));
    }

    /** Single sources and their values, as {@link #all} expects them. */
    static Map<Integer, U8> addresses() {
        return Map.of(Frames.ipv4Word("10.1.2.3"), new U8((byte) 1), Frames.ipv4Word("10.1.2.9"), new U8((byte) 0));
    }

    /** IPv4 blocks and their values. */
    static Map<Ipv4Prefix, U8> ipv4Blocks() {
        return Map.of(
                new Ipv4Prefix(16, Frames.ipv4Word("10.9.0.0")), new U8((byte) 1),
                new Ipv4Prefix(32, Frames.ipv4Word("10.9.9.9")), new U8((byte) 0));
    }

    /** IPv6 blocks and their values. */
    static Map<Ipv6Prefix, U8> ipv6Blocks() {
        Ipv6Prefix block =
                new Ipv6Prefix(48, Frames.ipv6Word("2001:db8:1::", 0), Frames.ipv6Word("2001:db8:1::", 1), 0, 0);
        return Map.of(block, new U8((byte) 1));
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

    private static byte[] fromIpv4(String source) {
        return ipv4(source, "10.0.0.1", Frames.TCP, SYN);
    }

    private static byte[] fromIpv6(String source) {
        return ipv6(source, "2001:db8:ffff::1", Frames.TCP, SYN);
    }

    private static byte[] withOptions(String source) {
        return ipv4(source, "10.0.0.1", Frames.TCP, 0, Frames.hex("0101010101010100"), SYN);
    }

    private static byte[] fragment(String source) {
        return ipv4(source, "10.0.0.1", Frames.TCP, Frames.MORE_FRAGMENTS | 185, NONE, new byte[64]);
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
        return ipv6(source, "2001:db8:ffff::1", 0, segment);
    }

    private static byte[] shortHeader() {
        byte[] packet = fromIpv4("10.1.2.3");
        packet[0] = 0x44;
        return packet;
    }
}
