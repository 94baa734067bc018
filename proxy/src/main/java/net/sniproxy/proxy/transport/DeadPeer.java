package net.sniproxy.proxy.transport;

/** After how long the kernel gives up a peer that no longer answers while nothing is sent to it (tcp(7)). */
final class DeadPeer {
    /** An idle connection is probed after this long. */
    static final int IDLE_SECONDS = 60;

    static final int PROBE_INTERVAL_SECONDS = 15;
    static final int PROBES = 4;

    private DeadPeer() {}
}
