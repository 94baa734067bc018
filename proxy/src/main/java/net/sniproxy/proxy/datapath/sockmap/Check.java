package net.sniproxy.proxy.datapath.sockmap;

import java.util.Locale;

/** What a kernel must do right before connections are entrusted to it. */
public enum Check {
    /** What was sent arrives, in order, and not by way of TCP; what is read is counted. */
    ORDER,
    /** A sleeping reader is woken. */
    WAKE_UP,
    /** What waits for the reader survives the close of the sender. */
    QUEUED_DATA,
    /** FIN one way comes behind the last byte, and the other way stays open. */
    HALF_CLOSE,
    /** RST ends the other side. */
    RESET,
    /** Above the limit TCP takes over, in order, until all is read. */
    LIMIT;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in logs and metrics, lower case. */
    public String label() {
        return label;
    }

    /**
     * How it went.
     *
     * @param failure what was wrong, in words; empty: nothing
     */
    public record Outcome(Check check, String failure) {
        /** Whether the kernel did right. */
        public boolean passed() {
            return failure.isEmpty();
        }
    }
}
