package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * Where the options of a TCP header stand (RFC 9293, 7323, 2018), in whatever order and padding a stack writes them.
 *
 * <p>Lives in a map, {@link SpliceMaps#OPTION_SCRATCH}: the verifier does not follow what is written there, so every
 * round of the walk looks the same to it, and it walks 40 rounds instead of every way through them.
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
    private static final int TCP_HEADER = 20;
    /** Keeps an index within the buffer, in the way the verifier follows. */
    private static final int IN_BUFFER = BUFFER - 1;

    private static final int MAX_OPTIONS = 40;

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
     * Copies the options of a segment and finds what is in them.
     *
     * @param buffer of {@link #BUFFER} bytes
     * @return false when they contradict themselves or are not there
     */
    boolean parse(TcContext context, TcpSegment segment, Buffer buffer) {
        length = segment.headerLength - TCP_HEADER;
        at = 0;
        timestamps = 0;
        sackBlocks = 0;
        sackCount = 0;
        if (length == 0) {
            return true;
        }
        int bounded = (length - 1 & IN_BUFFER) + 1;
        return context.loadBytes(segment.offset + TCP_HEADER, buffer, bounded) == 0 && walk(buffer);
    }

    private boolean walk(Buffer options) {
        for (int i = 0; i < MAX_OPTIONS && at < length; i++) {
            int start = at;
            int kind = options.u8(start & IN_BUFFER);
            if (kind == END) {
                return true;
            }
            int size = 1;
            if (kind != NOP) {
                size = start + 1 < length ? options.u8(start + 1 & IN_BUFFER) : 0;
                if (size < MIN_LENGTH || start + size > length) {
                    return false;
                }
                note(kind, start + MIN_LENGTH, size);
            }
            at = start + size;
        }
        return true;
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
