package net.sniproxy.bpf.compiler.lang;

/** Verdicts of an XDP program ({@code enum xdp_action}). */
public final class XdpAction {
    /** A fault of the program; dropped and traced. */
    public static final int ABORTED = 0;
    /** Dropped in the driver. */
    public static final int DROP = 1;
    /** Goes on to the network stack. */
    public static final int PASS = 2;
    /** Sent back out of the interface it came from. */
    public static final int TX = 3;

    private XdpAction() {}
}
