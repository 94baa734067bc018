package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Packet;

/**
 * Fields of an IPv6 header (RFC 8200). The caller has checked that {@link #LENGTH} bytes are there. Addresses are in
 * network order as they lie in memory.
 */
final class Ipv6Header {
    /** Bytes of the fixed header. */
    static final int LENGTH = 40;

    private static final int ADDRESS_BITS = 128;
    private static final int VERSION = 6;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;

    private Ipv6Header() {}

    static boolean isValid(Packet header) {
        return header.u8(0) >> 4 == VERSION;
    }

    /** Bytes behind the fixed header as the sender declared them; 0 for a large GSO packet. */
    static int payloadLength(Packet header) {
        return header.u16be(PAYLOAD_LENGTH);
    }

    /** Number of the header that follows. */
    static int nextHeader(Packet header) {
        return header.u8(NEXT_HEADER);
    }

    /** Routers that may still pass it on. */
    static int hopLimit(Packet header) {
        return header.u8(HOP_LIMIT);
    }

    /** Word i, 0 to 3, of the source address, and 4 to 7 of the destination address. */
    static int addressWord(Packet header, int i) {
        return header.u32(SOURCE + 4 * i);
    }

    /** The source as a key that matches any prefix of it. */
    static Ipv6Prefix source(Packet header) {
        return new Ipv6Prefix(
                ADDRESS_BITS,
                addressWord(header, 0),
                addressWord(header, 1),
                addressWord(header, 2),
                addressWord(header, 3));
    }
}
