package net.sniproxy.bpf.compiler.lang;

/** Ones' complement sums as the kernel's {@code lib/checksum} keeps them: 32 bits wide, carries added back. */
final class Checksums {
    private Checksums() {}

    /** Two sums added, with the carry. */
    static int add(int a, int b) {
        int sum = a + b;
        return sum + (Integer.compareUnsigned(sum, b) < 0 ? 1 : 0);
    }

    /** Folded to 16 bits. */
    static int fold16(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }

    /** The sum of 16-bit words in memory order; {@code length} is even. */
    static int sum(byte[] bytes, int length, int seed) {
        int sum = seed;
        for (int i = 0; i < length; i += 2) {
            sum = add(sum, ByteOrders.network16((bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff));
        }
        return sum;
    }

    /** The checksum field after {@code from} became {@code to}. */
    static int replace(int field, int from, int to) {
        int sum = add(add(~field, ~from), to);
        return ~fold16(sum) & 0xffff;
    }
}
