package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * How a ones' complement sum (RFC 1624) changes when parts of what it covers are replaced. Words are taken as they lie in
 * memory, as the kernel's own sums do.
 */
@Struct
final class ChecksumDelta {
    private static final int HALF = 32;
    private static final int LOWEST = 0xffff;
    private static final long LOW = 0xffff_ffffL;

    /** Not folded: room for some billion replacements. */
    @Unsigned
    long sum;

    /** Four bytes at an even distance from the start of the sum. */
    void replace(int from, int to) {
        sum += Integer.toUnsignedLong(~from) + Integer.toUnsignedLong(to);
    }

    /**
     * One byte.
     *
     * @param at its distance from the start of the sum, of which only the parity counts
     */
    void replaceByte(int at, int from, int to) {
        sum += Integer.toUnsignedLong(~word(at, from)) + Integer.toUnsignedLong(word(at, to));
    }

    /** The change as the checksum helpers want it: 32 bits, zero-extended. */
    long folded() {
        long once = (sum & LOW) + (sum >>> HALF);
        return (once & LOW) + (once >>> HALF);
    }

    /** What becomes of a checksum field, two bytes as they lie in memory. */
    int of(int checksum) {
        long whole = folded() + (~checksum & LOWEST);
        long once = (whole & LOWEST) + (whole >>> Short.SIZE);
        long twice = (once & LOWEST) + (once >>> Short.SIZE);
        return (int) (~((twice & LOWEST) + (twice >>> Short.SIZE)) & LOWEST);
    }

    private static int word(int at, int value) {
        return ByteOrders.network16(value << (~at & 1) * Byte.SIZE);
    }
}
