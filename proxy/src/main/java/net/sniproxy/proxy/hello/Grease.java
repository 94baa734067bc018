package net.sniproxy.proxy.hello;

/** The values that clients send so that servers learn to ignore what they do not know (RFC 8701 section 2). */
final class Grease {
    private Grease() {}

    /** Whether two bytes are 0x0a0a, 0x1a1a, … or 0xfafa. */
    static boolean is(byte first, byte second) {
        return first == second && (first & 0x0f) == 0x0a;
    }
}
