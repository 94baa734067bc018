package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Packet;

/**
 * Fields of an IPv4 header (RFC 791). The caller has checked that {@link #MIN_LENGTH} bytes are there. Addresses are in
 * network order as they lie in memory.
 */
final class Ipv4Header {
    /** Bytes without options. */
    static final int MIN_LENGTH = 20;

    static final int ADDRESS_BITS = 32;

    private static final int VERSION = 4;
    private static final int TOTAL_LENGTH = 2;
    private static final int FRAGMENT = 6;
    private static final int MORE_FRAGMENTS_AND_OFFSET = 0x3fff;
    private static final int PROTOCOL = 9;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private Ipv4Header() {}

    /** Whether version and header length are possible. */
    static boolean isValid(Packet header) {
        return header.u8(0) >> 4 == VERSION && length(header) >= MIN_LENGTH;
    }

    /** Bytes of the header with its options, 0 to 60. */
    static int length(Packet header) {
        return (header.u8(0) & 0xf) << 2;
    }

    /** Bytes of header and payload as the sender declared them; 0 for a large GSO packet. */
    static int totalLength(Packet header) {
        return header.u16be(TOTAL_LENGTH);
    }

    /** Whether the packet is a part of a larger one: then its payload need not begin with a transport header. */
    static boolean isFragment(Packet header) {
        return (header.u16be(FRAGMENT) & MORE_FRAGMENTS_AND_OFFSET) != 0;
    }

    static int protocol(Packet header) {
        return header.u8(PROTOCOL);
    }

    static int source(Packet header) {
        return header.u32(SOURCE);
    }

    static int destination(Packet header) {
        return header.u32(DESTINATION);
    }
}
