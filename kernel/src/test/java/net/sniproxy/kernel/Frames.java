package net.sniproxy.kernel;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** Writes frames layer by layer; every method returns the bytes of its layer around the payload it is given. */
final class Frames {
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;
    static final int ARP = 0x0806;
    static final int VLAN = 0x8100;
    static final int SERVICE_VLAN = 0x88a8;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int DONT_FRAGMENT = 0x4000;
    static final int MORE_FRAGMENTS = 0x2000;

    private Frames() {}

    static byte[] ethernet(int type, byte[] payload) {
        return join(hex("020000000001020000000002"), be16(type), payload);
    }

    /** An 802.1Q or 802.1ad tag: what stands behind the EtherType that announces it. */
    static byte[] tag(int id, int type, byte[] payload) {
        return join(be16(id), be16(type), payload);
    }

    static byte[] ipv4(String source, String destination, int protocol, byte[] payload) {
        return ipv4(source, destination, protocol, DONT_FRAGMENT, new byte[0], payload);
    }

    static byte[] ipv4(String source, String destination, int protocol, int fragment, byte[] options, byte[] payload) {
        int words = (20 + options.length) / 4;
        byte[] header = join(
                new byte[] {(byte) (0x40 | words), 0},
                be16(20 + options.length + payload.length),
                be16(0x1234),
                be16(fragment),
                new byte[] {64, (byte) protocol, 0, 0},
                address(source),
                address(destination),
                options);
        int checksum = ~sum(header) & 0xffff;
        header[10] = (byte) (checksum >> 8);
        header[11] = (byte) checksum;
        return join(header, payload);
    }

    static byte[] ipv6(String source, String destination, int nextHeader, byte[] payload) {
        return join(
                hex("60000000"),
                be16(payload.length),
                new byte[] {(byte) nextHeader, 64},
                address(source),
                address(destination),
                payload);
    }

    /** An IPv6 extension header of 8 × (units + 1) bytes. */
    static byte[] extension(int nextHeader, int units, byte[] payload) {
        byte[] header = new byte[8 * (units + 1)];
        header[0] = (byte) nextHeader;
        header[1] = (byte) units;
        return join(header, payload);
    }

    /** A TCP segment from port 40000 to 443 with sequence numbers above 2³¹. */
    static byte[] tcp(int flags, byte[] options, byte[] payload) {
        return join(
                be16(40_000),
                be16(443),
                hex("f1e2d3c4"),
                hex("8a9bacbd"),
                new byte[] {(byte) ((20 + options.length) / 4 << 4), (byte) flags},
                be16(65_000),
                be16(0),
                be16(0),
                options,
                payload);
    }

    /** A TCP segment without its checksum. */
    static byte[] tcp(
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgement,
            int flags,
            int window,
            byte[] options,
            byte[] payload) {
        return join(
                be16(sourcePort),
                be16(destinationPort),
                be32(sequence),
                be32(acknowledgement),
                new byte[] {(byte) ((20 + options.length) / 4 << 4), (byte) flags},
                be16(window),
                be16(0),
                be16(0),
                options,
                payload);
    }

    /** The segment with its checksum over the pseudo header of these addresses. */
    static byte[] checked(String source, String destination, byte[] segment) {
        byte[] checked = segment.clone();
        int checksum =
                ~sum(join(address(source), address(destination), be32(segment.length), be32(TCP), segment)) & 0xffff;
        checked[16] = (byte) (checksum >> 8);
        checked[17] = (byte) checksum;
        return checked;
    }

    /** An IPv4 packet with a traffic class and a number of hops left. */
    static byte[] ipv4(String source, String destination, int trafficClass, int hops, byte[] segment) {
        byte[] packet = ipv4(source, destination, TCP, segment);
        packet[1] = (byte) trafficClass;
        packet[8] = (byte) hops;
        packet[10] = 0;
        packet[11] = 0;
        int checksum = ~sum(Arrays.copyOf(packet, 20)) & 0xffff;
        packet[10] = (byte) (checksum >> 8);
        packet[11] = (byte) checksum;
        return packet;
    }

    /** An IPv6 packet with a traffic class and a number of hops left. */
    static byte[] ipv6(String source, String destination, int trafficClass, int hops, byte[] segment) {
        byte[] packet = ipv6(source, destination, TCP, segment);
        packet[1] = (byte) (trafficClass << 4);
        packet[7] = (byte) hops;
        return packet;
    }

    /** Four bytes as kernel maps hold them. */
    static int inMemory(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt();
    }

    static byte[] be32(int value) {
        return join(be16(value >>> 16), be16(value));
    }

    static byte[] udp(byte[] payload) {
        return join(be16(5353), be16(53), be16(8 + payload.length), be16(0), payload);
    }

    /** An IPv4 address as kernel maps hold it. */
    static int ipv4Word(String address) {
        return ByteBuffer.wrap(address(address)).order(ByteOrder.nativeOrder()).getInt();
    }

    /** Word i of an IPv6 address as kernel maps hold it. */
    static int ipv6Word(String address, int i) {
        return ByteBuffer.wrap(address(address)).order(ByteOrder.nativeOrder()).getInt(4 * i);
    }

    static byte[] address(String text) {
        try {
            return InetAddress.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            throw new AssertionError("not an address: " + text, e);
        }
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    static byte[] be16(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** The ones' complement sum of 16-bit words, written independently of the code under test. */
    static int sum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }
}
