package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * A splice has changed its state.
 *
 * @param splice the key in {@link SpliceMaps#SPLICES}
 * @param state the new state, from {@link Splice#SPLICED} on
 * @param direction {@link Flow#UP} or {@link Flow#DOWN}: whose packet changed it
 */
@Struct("SpliceEvent")
public record SpliceEvent(
        @Unsigned long splice,
        @Unsigned int state,
        @Unsigned int direction) {
    /** The event that a splice as it is now would report. */
    public static SpliceEvent of(long id, Splice splice) {
        boolean down = (splice.down.state & SpliceDirection.RESET) != 0;
        return new SpliceEvent(id, splice.settledState(), down ? Flow.DOWN : Flow.UP);
    }
}
