package net.sniproxy.bpf.program;

import java.util.Optional;

/**
 * What a program is run on. Immutable: the {@code with} methods return copies.
 *
 * @param data the packet; empty for types without one
 * @param context the program's context struct, as far as the kernel lets callers set it
 * @param repeat how often it runs; the result is that of the last run
 * @param liveFrames XDP only: the frames really go where the verdict sends them, and there is no data in the result
 *     (Linux 5.18)
 * @param room how many bytes the program may add to the packet
 */
public record TestRun(Optional<byte[]> data, Optional<byte[]> context, int repeat, boolean liveFrames, int room) {
    private static final int USUAL_ROOM = 256;

    public TestRun {
        if (repeat < 1 || room < 0) {
            throw new IllegalArgumentException("repeat " + repeat + " is below 1 or room " + room + " below 0");
        }
    }

    /** One run on a packet. */
    public static TestRun onPacket(byte[] packet) {
        return new TestRun(Optional.of(packet), Optional.empty(), 1, false, USUAL_ROOM);
    }

    /** The same with a context struct. */
    public TestRun withContext(byte[] bytes) {
        return new TestRun(data, Optional.of(bytes), repeat, liveFrames, room);
    }

    /** The same, so often. */
    public TestRun withRepeat(int times) {
        return new TestRun(data, context, times, liveFrames, room);
    }

    /** The same with frames that really go where the verdict sends them. */
    public TestRun withLiveFrames() {
        return new TestRun(data, context, repeat, true, room);
    }
}
