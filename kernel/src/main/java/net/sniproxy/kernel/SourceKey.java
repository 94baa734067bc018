package net.sniproxy.kernel;

/**
 * What counts as one source, as a key of eight bytes: the first half of an IPv6 address, which is the least that one
 * customer has, or four zero bytes and an IPv4 address. Real IPv6 sources do not begin with four zero bytes.
 */
public final class SourceKey {
    private static final int WORD_BITS = 32;

    private SourceKey() {}

    /**
     * The key of an IPv4 source.
     *
     * @param address network order as it lies in memory
     */
    public static long ipv4(int address) {
        return Integer.toUnsignedLong(address) << WORD_BITS;
    }

    /**
     * The key of an IPv6 source.
     *
     * @param word0 bytes 0 to 3, network order as they lie in memory
     * @param word1 bytes 4 to 7
     */
    public static long ipv6(int word0, int word1) {
        return Integer.toUnsignedLong(word1) << WORD_BITS | Integer.toUnsignedLong(word0);
    }
}
