package net.sniproxy.proxy.transport;

/**
 * After how long the kernel gives up a peer that no longer answers. It then reports ETIMEDOUT, which ends the connection
 * like an RST would.
 */
final class DeadPeer {
    /** An idle connection is probed after this long. */
    static final int IDLE_SECONDS = 60;

    static final int PROBE_INTERVAL_SECONDS = 15;
    static final int PROBES = 4;

    /** Sent data may stay without an acknowledgement this long (TCP_USER_TIMEOUT, RFC 5482). */
    static final int UNACKNOWLEDGED_MILLIS = 120_000;

    private DeadPeer() {}
}
