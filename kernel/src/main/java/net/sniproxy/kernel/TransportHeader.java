package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * Where the transport header of a packet begins: behind IPv4 options (RFC 791) or IPv6 extension headers (RFC 8200).
 * All offsets count from the start of the network header.
 */
@Struct
final class TransportHeader {
    static final int TCP = 6;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION_OPTIONS = 60;

    /** More extension headers than any real packet has: the rest is left to the kernel. */
    private static final int MAX_EXTENSIONS = 6;
    /** Bytes that every extension header has. */
    private static final int EXTENSION = 8;

    /** Number of the transport protocol, or of the header that was not understood. */
    @Unsigned
    int protocol;

    /** Where the transport header begins. */
    @Unsigned
    int offset;

    /** Where the packet ends as its sender declared it; 0 for a GSO packet of more than 65535 bytes. */
    @Unsigned
    int end;

    /** Not 0 when the packet is a part of a larger one: then only the first part has a transport header. */
    @Unsigned
    int fragment;

    /** Reads an IPv4 header; false when it is cut off or contradicts itself. */
    boolean parseIpv4(Packet header, PacketEnd packetEnd) {
        if (!packetEnd.covers(header, Ipv4Header.MIN_LENGTH) || !Ipv4Header.isValid(header)) {
            return false;
        }
        protocol = Ipv4Header.protocol(header);
        offset = Ipv4Header.length(header);
        end = Ipv4Header.totalLength(header);
        fragment = Ipv4Header.isFragment(header) ? 1 : 0;
        return end == 0 || end >= offset;
    }

    /**
     * Reads an IPv6 header and its extension headers; false when they are cut off. What is behind a fragment header need
     * not be a header: it is not read.
     */
    boolean parseIpv6(Packet header, PacketEnd packetEnd) {
        if (!packetEnd.covers(header, Ipv6Header.LENGTH) || !Ipv6Header.isValid(header)) {
            return false;
        }
        protocol = Ipv6Header.nextHeader(header);
        offset = Ipv6Header.LENGTH;
        int payload = Ipv6Header.payloadLength(header);
        end = payload == 0 ? 0 : Ipv6Header.LENGTH + payload;
        fragment = 0;
        for (int i = 0; i < MAX_EXTENSIONS && fragment == 0 && isExtension(protocol); i++) {
            Packet extension = header.plus(offset);
            if (!packetEnd.covers(extension, EXTENSION)) {
                return false;
            }
            skip(extension);
        }
        return true;
    }

    /** Whether the header at {@link #offset} is an extension header: there are more than are read. */
    boolean isExtensionNext() {
        return isExtension(protocol);
    }

    private void skip(Packet extension) {
        int length = extension.u8(1);
        switch (protocol) {
            case FRAGMENT -> {
                fragment = 1;
                offset += EXTENSION;
            }
            case AUTHENTICATION -> offset += length + 2 << 2;
            default -> offset += length + 1 << 3;
        }
        protocol = extension.u8(0);
    }

    private static boolean isExtension(int protocol) {
        return protocol == HOP_BY_HOP
                || protocol == ROUTING
                || protocol == FRAGMENT
                || protocol == AUTHENTICATION
                || protocol == DESTINATION_OPTIONS;
    }
}
