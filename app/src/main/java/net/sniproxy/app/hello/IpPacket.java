package net.sniproxy.app.hello;

import java.nio.ByteBuffer;
import java.util.Optional;
import net.sniproxy.app.hello.TcpSegment.Endpoint;

/** IPv4 (RFC 791) and IPv6 (RFC 8200) packets. What is cut off, fragmented or no TCP has no segment. */
final class IpPacket {
    private static final int TCP = 6;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int TCP_HEADER = 20;

    private IpPacket() {}

    /** The TCP segment in a packet that begins at 0. */
    static Optional<TcpSegment> tcp(ByteBuffer ip) {
        return switch (version(ip)) {
            case 4 -> ipv4(ip);
            case 6 -> ipv6(ip);
            default -> Optional.empty();
        };
    }

    /** Whether bytes that may be anything are an IP packet: its lengths agree with what is there. */
    static boolean plausible(ByteBuffer ip) {
        return switch (version(ip)) {
            case 4 ->
                ip.limit() >= IPV4_HEADER
                        && (ip.get(0) & 0x0f) >= 5
                        && unsigned(ip, 2) >= IPV4_HEADER
                        && unsigned(ip, 2) <= ip.limit();
            case 6 -> ip.limit() >= IPV6_HEADER && IPV6_HEADER + unsigned(ip, 4) <= ip.limit();
            default -> false;
        };
    }

    private static int version(ByteBuffer ip) {
        return ip.limit() == 0 ? 0 : (ip.get(0) & 0xff) >> 4;
    }

    private static Optional<TcpSegment> ipv4(ByteBuffer ip) {
        if (ip.limit() < IPV4_HEADER) {
            return Optional.empty();
        }
        int header = (ip.get(0) & 0x0f) * 4;
        int total = unsigned(ip, 2);
        boolean fragment = (unsigned(ip, 6) & 0x3fff) != 0;
        if (header < IPV4_HEADER || fragment || ip.get(9) != TCP) {
            return Optional.empty();
        }
        // Segmentation offload leaves 0 in packets that are longer than the field can say.
        int end = total == 0 ? ip.limit() : Math.min(total, ip.limit());
        return segment(ip, header, end, ip.slice(12, 4), ip.slice(16, 4));
    }

    private static Optional<TcpSegment> ipv6(ByteBuffer ip) {
        if (ip.limit() < IPV6_HEADER) {
            return Optional.empty();
        }
        int length = unsigned(ip, 4);
        int end = length == 0 ? ip.limit() : Math.min(IPV6_HEADER + length, ip.limit());
        int next = ip.get(6) & 0xff;
        int at = IPV6_HEADER;
        while (next != TCP && at + 8 <= end) {
            int size = switch (next) {
                case 0, 43, 60, 135 -> ((ip.get(at + 1) & 0xff) + 1) * 8;
                case 51 -> ((ip.get(at + 1) & 0xff) + 2) * 4; // authentication header
                case 44 -> (unsigned(ip, at + 2) & 0xfff9) == 0 ? 8 : -1; // one fragment that is the whole
                default -> -1;
            };
            if (size < 0) {
                return Optional.empty();
            }
            next = ip.get(at) & 0xff;
            at += size;
        }
        return next == TCP ? segment(ip, at, end, ip.slice(8, 16), ip.slice(24, 16)) : Optional.empty();
    }

    private static Optional<TcpSegment> segment(ByteBuffer ip, int at, int end, ByteBuffer from, ByteBuffer to) {
        if (at + TCP_HEADER > end) {
            return Optional.empty();
        }
        int payload = at + ((ip.get(at + 12) & 0xf0) >> 4) * 4;
        if (payload < at + TCP_HEADER || payload > end) {
            return Optional.empty();
        }
        byte[] bytes = new byte[end - payload];
        ip.get(payload, bytes);
        int flags = ip.get(at + 13);
        return Optional.of(new TcpSegment(
                new Endpoint(from, unsigned(ip, at)),
                new Endpoint(to, unsigned(ip, at + 2)),
                ip.getInt(at + 4),
                (flags & 0x02) != 0,
                (flags & 0x10) != 0,
                bytes));
    }

    private static int unsigned(ByteBuffer ip, int at) {
        return ip.getShort(at) & 0xffff;
    }
}
