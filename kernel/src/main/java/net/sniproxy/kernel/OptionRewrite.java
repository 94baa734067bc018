package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.TcContext;

/**
 * Rewrites the TCP options of a spliced segment: timestamps (RFC 7323) into the clocks of the other leg, SACK blocks
 * (RFC 2018, D-SACK of RFC 2883 too) into its sequence numbers. Lengths never change; other options stay as they are.
 */
final class OptionRewrite {
    /** The options contradict themselves, and nothing was changed. */
    static final long IMPOSSIBLE = -1;

    private static final int NOP = 1;
    private static final int WORD = 4;
    private static final int SACK_BLOCK = 8;
    private static final int OPTION_HEADER = 2;
    /** A header has room for four blocks. */
    private static final int MAX_EDGES = 8;

    private static final int MAX_SACK_BYTES = OPTION_HEADER + MAX_EDGES * WORD;
    /** Keeps an index within the buffer, in the way the verifier follows. */
    private static final int IN_BUFFER = TcpOptions.BUFFER - 1;

    private OptionRewrite() {}

    /**
     * Rewrites and stores them.
     *
     * @param start where they begin in the frame
     * @param length how many bytes there are, 0 to 40
     * @return what becomes of the checksum as {@link ChecksumDelta#folded}, or {@link #IMPOSSIBLE}
     */
    @BpfFunction
    static long apply(TcContext packet, int start, int length, Flow flow, Splice splice) {
        TcpOptions found = SpliceMaps.OPTION_SCRATCH.lookup(0);
        if (found == null || !found.parse(packet, start, length)) {
            return IMPOSSIBLE;
        }
        if (found.timestamps == 0 && found.sackBlocks == 0) {
            return 0;
        }
        Buffer options = Buffer.ofSize(TcpOptions.BUFFER);
        int bounded = (length - 1 & IN_BUFFER) + 1;
        if (packet.loadBytes(start, options, bounded) != 0) {
            return IMPOSSIBLE;
        }
        ChecksumDelta delta = new ChecksumDelta();
        if (found.timestamps != 0) {
            timestamps(options, found.timestamps, flow, splice, delta);
        }
        if (found.sackBlocks != 0) {
            if ((flow.flags & Flow.SACK) != 0) {
                moveBlocks(options, found, flow.acknowledgementDelta, delta);
            } else {
                blankBlocks(options, found, delta);
            }
        }
        return packet.storeBytes(start, options, bounded, 0) == 0 ? delta.folded() : IMPOSSIBLE;
    }

    private static void timestamps(Buffer options, int at, Flow flow, Splice splice, ChecksumDelta delta) {
        int value = word(options, at);
        replace(options, at, value, Timestamps.value(value, flow, splice), delta);
        int echo = word(options, at + WORD);
        replace(options, at + WORD, echo, Timestamps.echo(echo, flow, splice), delta);
    }

    private static void moveBlocks(Buffer options, TcpOptions found, int acknowledgementDelta, ChecksumDelta delta) {
        for (int i = 0; i < MAX_EDGES && i < found.sackCount * 2; i++) {
            int at = found.sackBlocks + i * WORD;
            int edge = word(options, at);
            replace(options, at, edge, edge + acknowledgementDelta, delta);
        }
    }

    /** For a receiver that did not agree to blocks. */
    private static void blankBlocks(Buffer options, TcpOptions found, ChecksumDelta delta) {
        int start = found.sackBlocks - OPTION_HEADER;
        int bytes = OPTION_HEADER + found.sackCount * SACK_BLOCK;
        for (int i = 0; i < MAX_SACK_BYTES && i < bytes; i++) {
            int at = start + i;
            delta.replaceByte(at, options.u8(at & IN_BUFFER), NOP);
            options.setU8(at & IN_BUFFER, NOP);
        }
    }

    /** Four bytes in network order, at any alignment. */
    private static int word(Buffer options, int at) {
        return options.u8(at & IN_BUFFER) << 24
                | options.u8(at + 1 & IN_BUFFER) << 16
                | options.u8(at + 2 & IN_BUFFER) << 8
                | options.u8(at + 3 & IN_BUFFER);
    }

    private static void replace(Buffer options, int at, int from, int to, ChecksumDelta delta) {
        for (int i = 0; i < WORD; i++) {
            int shift = (WORD - 1 - i) * Byte.SIZE;
            delta.replaceByte(at + i, from >>> shift & 0xff, to >>> shift & 0xff);
            options.setU8(at + i & IN_BUFFER, to >>> shift);
        }
    }
}
