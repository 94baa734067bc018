package net.sniproxy.bpf.compiler.lang;

/** Verdicts of a TC classifier ({@code linux/pkt_cls.h}). */
public final class TcAction {
    /** Goes on; under TCX the next program runs. */
    public static final int UNSPEC = -1;
    /** Goes on to the network stack. */
    public static final int OK = 0;
    /** Dropped. */
    public static final int SHOT = 2;
    /** Redirected, as the redirect helpers return it. */
    public static final int REDIRECT = 7;

    private TcAction() {}
}
