package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits that nobody can foresee, or make two messages agree in, without the
 * key. User space runs the same method that kernel programs compile.
 *
 * <p>Words are read in the machine's byte order, so that results are those of the paper on little-endian machines only;
 * kernel and user space agree on all.
 */
public final class SipHash {
    /** Bytes of a buffer with room for every message. */
    public static final int BUFFER = 256;
    /** The longest message: its length goes into one byte. */
    public static final int MAX_LENGTH = BUFFER - 1;

    private static final int WORD_STARTS = BUFFER - Long.BYTES;
    private static final int LENGTH_SHIFT = 56;

    private long v0;
    private long v1;
    private long v2;
    private long v3;

    private SipHash() {}

    /**
     * Hashes the first bytes of a buffer.
     *
     * @param message {@link #BUFFER} bytes, zero from {@code length} to the next multiple of 8, of which there is one
     *     behind every message
     * @param length 0 to {@link #MAX_LENGTH}
     * @param key0 the first half of the key
     * @param key1 the second half
     */
    public static long hash(Buffer message, int length, long key0, long key1) {
        SipHash state = new SipHash();
        state.v0 = key0 ^ 0x736f6d6570736575L;
        state.v1 = key1 ^ 0x646f72616e646f6dL;
        state.v2 = key0 ^ 0x6c7967656e657261L;
        state.v3 = key1 ^ 0x7465646279746573L;
        for (int at = 0; at < WORD_STARTS && at + Long.BYTES <= length; at += Long.BYTES) {
            state.add(message.u64(at & WORD_STARTS));
        }
        state.add(message.u64(length & WORD_STARTS) | (long) length << LENGTH_SHIFT);
        return state.finish();
    }

    private void add(long word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    private long finish() {
        v2 ^= 0xff;
        round();
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
    }
}
