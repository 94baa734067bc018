package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** Where the options of a TCP header stand (RFC 9293, 7323, 2018), in whatever order and padding a stack writes them. */
@Struct
final class TcpOptions {
    /** Bytes of the buffer: a power of two above the 40 bytes that options can have. */
    static final int BUFFER = 64;

    private static final int END = 0;
    private static final int NOP = 1;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK = 5;
    private static final int TIMESTAMPS = 8;

    private static final int WINDOW_SCALE_LENGTH = 3;
    private static final int TIMESTAMPS_LENGTH = 10;
    private static final int SACK_BLOCK = 8;
    private static final int MIN_LENGTH = 2;
    private static final int TCP_HEADER = 20;
    /** Keeps an index within the buffer, in the way the verifier follows. */
    private static final int IN_BUFFER = BUFFER - 1;

    private static final int MAX_OPTIONS = 40;

    /** Bytes of all options, 0 to 40. */
    @Unsigned
    int length;

    /** Index of the timestamps' first byte (of TSval) in the options; 0 without them. */
    @Unsigned
    int timestamps;

    /** Index of the first SACK block in the options; 0 without them. */
    @Unsigned
    int sackBlocks;

    /** How many SACK blocks there are. */
    @Unsigned
    int sackCount;

    /** The window scale that a SYN announces, plus 1; 0 without it. */
    @Unsigned
    int windowScale;

    /**
     * Copies the options of a segment and finds what is in them.
     *
     * @param buffer of {@link #BUFFER} bytes
     * @return false when they contradict themselves or are not there
     */
    boolean parse(TcContext context, TcpSegment segment, Buffer buffer) {
        length = segment.headerLength - TCP_HEADER;
        timestamps = 0;
        sackBlocks = 0;
        sackCount = 0;
        windowScale = 0;
        if (length == 0) {
            return true;
        }
        int bounded = (length - 1 & IN_BUFFER) + 1;
        return context.loadBytes(segment.offset + TCP_HEADER, buffer, bounded) == 0 && walk(buffer);
    }

    private boolean walk(Buffer options) {
        int at = 0;
        for (int i = 0; i < MAX_OPTIONS && at < length; i++) {
            int kind = options.u8(at & IN_BUFFER);
            if (kind == END) {
                return true;
            }
            if (kind == NOP) {
                at++;
                continue;
            }
            int size = at + 1 < length ? options.u8(at + 1 & IN_BUFFER) : 0;
            if (size < MIN_LENGTH || at + size > length) {
                return false;
            }
            note(options, kind, at, size);
            at += size;
        }
        return true;
    }

    private void note(Buffer options, int kind, int at, int size) {
        int content = at + MIN_LENGTH;
        if (kind == TIMESTAMPS && size == TIMESTAMPS_LENGTH) {
            timestamps = content;
        } else if (kind == SACK) {
            sackBlocks = content;
            sackCount = (size - MIN_LENGTH) / SACK_BLOCK;
        } else if (kind == WINDOW_SCALE && size == WINDOW_SCALE_LENGTH) {
            windowScale = options.u8(content & IN_BUFFER) + 1;
        }
    }
}
