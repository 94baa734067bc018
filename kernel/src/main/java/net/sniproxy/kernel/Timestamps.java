package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Kernel;

/** Moves timestamps (RFC 7323) of a spliced segment from the clocks of one leg to those of the other. */
final class Timestamps {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Timestamps() {}

    /**
     * TSval. With the first one it is decided how far the clocks are apart: so that the receiver sees the clock of the
     * proxy's own socket go on.
     */
    static int value(int value, Flow flow, Splice splice) {
        SpliceDirection own = splice.of(flow.direction);
        if (!own.has(SpliceDirection.TIMESTAMPS_KNOWN)) {
            int elapsed = (int) Long.divideUnsigned(Kernel.nanoTime() - splice.armedAt, NANOS_PER_MILLI);
            own.timestampOffset = own.clock + elapsed - value;
            own.state |= SpliceDirection.TIMESTAMPS_KNOWN;
        }
        return value + own.timestampOffset;
    }

    /** TSecr. Zero is what a stack sends that has nothing to echo: the receiver takes no round-trip time from it. */
    static int echo(int echo, Flow flow, Splice splice) {
        SpliceDirection other = splice.against(flow.direction);
        return other.has(SpliceDirection.TIMESTAMPS_KNOWN) ? echo - other.timestampOffset : 0;
    }
}
