package net.sniproxy.e2e.wire;

/** How a direction of a connection ended, as the reader of it saw. */
public enum Ending {
    /** An orderly end: every byte sent before it has arrived. */
    FIN,
    /** A reset: bytes may be missing. */
    RST,
    /** No end within the time given. */
    OPEN
}
