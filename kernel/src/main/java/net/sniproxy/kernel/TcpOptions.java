package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfFunction;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * Where the options of a TCP header stand (RFC 9293, 7323, 2018), in whatever order and padding a stack writes them.
 *
 * <p>Lives in a map, {@link SpliceMaps#OPTION_SCRATCH}: the verifier does not follow what is written there.
 */
@Struct
final class TcpOptions {
    /** Bytes of the buffer: a power of two above the 40 bytes that options can have. */
    static final int BUFFER = 64;

    private static final int END = 0;
    private static final int NOP = 1;
    private static final int SACK = 5;
    private static final int TIMESTAMPS = 8;

    private static final int TIMESTAMPS_LENGTH = 10;
    /** A block has 8 bytes. */
    private static final int SACK_BLOCK_SHIFT = 3;

    private static final int MIN_LENGTH = 2;

    private static final int MAX_OPTIONS = 40;

    private static final int DONE = 0;
    private static final int MORE = 1;
    private static final int INVALID = 2;

    /** Bytes of all options, 0 to 40. */
    @Unsigned
    int length;

    /** Index of the option that is looked at. */
    @Unsigned
    int at;

    /** Index of the timestamps' first byte (of TSval) in the options; 0 without them. */
    @Unsigned
    int timestamps;

    /** Index of the first SACK block in the options; 0 without them. */
    @Unsigned
    int sackBlocks;

    /** How many SACK blocks there are. */
    @Unsigned
    int sackCount;

    /**
     * Finds what is in the options of a segment.
     *
     * @param start where they begin in the frame
     * @param bytes how many there are, 0 to 40
     * @return false when they contradict themselves or are not there
     */
    boolean parse(TcContext packet, int start, int bytes) {
        length = bytes;
        at = 0;
        timestamps = 0;
        sackBlocks = 0;
        sackCount = 0;
        int found = MORE;
        for (int i = 0; i < MAX_OPTIONS && found == MORE; i++) {
            found = step(packet, start, this);
        }
        return found != INVALID;
    }

    /** Looks at one option. A function of its own, which the verifier follows once and not in every round. */
    @BpfFunction
    static int step(TcContext packet, int start, TcpOptions options) {
        int at = options.at;
        if (at >= options.length) {
            return DONE;
        }
        Buffer option = Buffer.ofSize(8);
        if (packet.loadBytes(start + at, option, 1) != 0) {
            return INVALID;
        }
        int kind = option.u8(0);
        if (kind == END) {
            return DONE;
        }
        int size = 1;
        if (kind != NOP) {
            boolean whole = at + 1 < options.length && packet.loadBytes(start + at, option, MIN_LENGTH) == 0;
            size = whole ? option.u8(1) : 0;
            if (size < MIN_LENGTH || at + size > options.length) {
                return INVALID;
            }
            options.note(kind, at + MIN_LENGTH, size);
        }
        options.at = at + size;
        return MORE;
    }

    private void note(int kind, int content, int size) {
        if (kind == TIMESTAMPS && size == TIMESTAMPS_LENGTH) {
            timestamps = content;
        } else if (kind == SACK) {
            sackBlocks = content;
            sackCount = size - MIN_LENGTH >> SACK_BLOCK_SHIFT;
        }
    }
}
