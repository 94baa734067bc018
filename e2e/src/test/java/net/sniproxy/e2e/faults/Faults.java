package net.sniproxy.e2e.faults;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * How bad a hop is: chances in a thousand, of each packet, and counts of what was done.
 */
@Struct("Faults")
public final class Faults {
    /** Chance to be lost. */
    @Unsigned
    public int loss;

    /** Chance to arrive twice. */
    @Unsigned
    public int duplication;

    /** Chance to arrive with one bit of the payload turned. */
    @Unsigned
    public int corruption;

    /** Chance to take {@link #detour}, and so to be overtaken. */
    @Unsigned
    public int reordering;

    /** Chance to arrive with a VLAN tag, which the kernel has taken out of the frame. */
    @Unsigned
    public int tagging;

    /** The interface of the detour. */
    @Unsigned
    public int detour;

    /** The interface where all this happens. */
    @Unsigned
    public int here;

    /** Packets seen. */
    @Unsigned
    public long packets;

    /** Packets that something was done to. */
    @Unsigned
    public long disturbed;
}
