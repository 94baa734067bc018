package net.sniproxy.app.hello;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Finds the IP packet behind the header of a link. The numbers are those of the pcap registry of link types. */
final class LinkLayer {
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;

    private LinkLayer() {}

    static Optional<ByteBuffer> ip(int linkType, ByteBuffer packet) {
        return switch (linkType) {
            case 0, 108 -> behind(packet, 4); // null and loopback: an address family, whose numbers differ by system
            case 1 -> byEtherType(packet, 12);
            case 12, 14, 101, 228, 229 -> behind(packet, 0);
            case 113 -> byEtherType(packet, 14); // Linux cooked, version 1
            case 276 -> packet.remaining() < 20 ? Optional.empty() : byEtherType(packet, 0, 20);
            default -> Optional.empty();
        };
    }

    private static Optional<ByteBuffer> byEtherType(ByteBuffer packet, int at) {
        return byEtherType(packet, at, at + 2);
    }

    /** The packet at an offset if the type says IP; tags of virtual networks stand before the real type. */
    private static Optional<ByteBuffer> byEtherType(ByteBuffer packet, int at, int start) {
        int type = at;
        int payload = start;
        while (payload <= packet.limit() && type + 2 <= packet.limit()) {
            switch (packet.getShort(type) & 0xffff) {
                case ETHERTYPE_IPV4, ETHERTYPE_IPV6 -> {
                    return behind(packet, payload);
                }
                case 0x8100, 0x88a8, 0x9100 -> {
                    type = payload + 2;
                    payload += 4;
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<ByteBuffer> behind(ByteBuffer packet, int header) {
        return packet.limit() > header ? Optional.of(packet.slice(header, packet.limit() - header)) : Optional.empty();
    }
}
