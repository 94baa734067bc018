package net.sniproxy.bpf.compiler.lang;

/** Verdicts of a socket program ({@code enum sk_action}). */
public final class SkVerdict {
    /** Dropped. */
    public static final int DROP = 0;
    /** Goes on, or to where it was redirected. */
    public static final int PASS = 1;

    private SkVerdict() {}
}
