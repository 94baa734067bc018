package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.TcContext;

/**
 * Rewrites the TCP options of a spliced segment: timestamps (RFC 7323) into the clocks of the other leg, SACK blocks
 * (RFC 2018, D-SACK of RFC 2883 too) into its sequence numbers. Lengths never change; other options stay as they are.
 */
final class OptionRewrite {
    private static final int TCP_HEADER = 20;
    private static final int NOP = 1;
    private static final int WORD = 4;
    private static final int SACK_BLOCK = 8;
    private static final int OPTION_HEADER = 2;
    /** A header has room for four blocks. */
    private static final int MAX_EDGES = 8;

    private static final int MAX_SACK_BYTES = OPTION_HEADER + MAX_EDGES * WORD;
    /** Keeps an index within the buffer, in the way the verifier follows. */
    private static final int IN_BUFFER = TcpOptions.BUFFER - 1;
    /** The same, for an index that is a multiple of four. */
    private static final int ALIGNED = TcpOptions.BUFFER - WORD;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private OptionRewrite() {}

    /**
     * Rewrites and stores them.
     *
     * @param now nanoseconds on the monotonic clock
     * @param delta takes what becomes of the checksum
     * @return false when the options contradict themselves, and nothing was changed
     */
    static boolean apply(
            TcContext packet, TcpSegment segment, Flow flow, Splice splice, long now, ChecksumDelta delta) {
        Buffer options = Buffer.ofSize(TcpOptions.BUFFER);
        TcpOptions found = SpliceMaps.OPTION_SCRATCH.lookup(0);
        if (found == null || !found.parse(packet, segment, options)) {
            return false;
        }
        if (found.timestamps != 0) {
            timestamps(options, found.timestamps, flow, splice, now, delta);
        }
        if (found.sackBlocks != 0) {
            if ((flow.flags & Flow.SACK) != 0) {
                moveBlocks(options, found, flow.acknowledgementDelta, delta);
            } else {
                blankBlocks(options, found, delta);
            }
        }
        if (found.timestamps != 0 || found.sackBlocks != 0) {
            int length = (found.length - 1 & IN_BUFFER) + 1;
            packet.storeBytes(segment.offset + TCP_HEADER, options, length, 0);
        }
        return true;
    }

    private static void timestamps(Buffer options, int at, Flow flow, Splice splice, long now, ChecksumDelta delta) {
        SpliceDirection own = splice.of(flow.direction);
        SpliceDirection other = splice.against(flow.direction);
        int value = word(options, at);
        if (!own.has(SpliceDirection.TIMESTAMPS_KNOWN)) {
            int elapsed = (int) Long.divideUnsigned(now - splice.armedAt, NANOS_PER_MILLI);
            own.timestampOffset = own.clock + elapsed - value;
            own.state |= SpliceDirection.TIMESTAMPS_KNOWN;
        }
        replace(options, at, value, value + own.timestampOffset, delta);
        int echo = word(options, at + WORD);
        // Zero is what a stack sends that has nothing to echo: the receiver takes no round-trip time from it.
        boolean known = other.has(SpliceDirection.TIMESTAMPS_KNOWN);
        replace(options, at + WORD, echo, known ? echo - other.timestampOffset : 0, delta);
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
        if ((at & WORD - 1) == 0) {
            return options.u32be(at & ALIGNED);
        }
        return options.u8(at & IN_BUFFER) << 24
                | options.u8(at + 1 & IN_BUFFER) << 16
                | options.u8(at + 2 & IN_BUFFER) << 8
                | options.u8(at + 3 & IN_BUFFER);
    }

    private static void replace(Buffer options, int at, int from, int to, ChecksumDelta delta) {
        if ((at & WORD - 1) == 0) {
            delta.replace(options.u32(at & ALIGNED), ByteOrders.network32(to));
            options.setU32be(at & ALIGNED, to);
            return;
        }
        for (int i = 0; i < WORD; i++) {
            int shift = (WORD - 1 - i) * Byte.SIZE;
            delta.replaceByte(at + i, from >>> shift & 0xff, to >>> shift & 0xff);
            options.setU8(at + i & IN_BUFFER, to >>> shift);
        }
    }
}
