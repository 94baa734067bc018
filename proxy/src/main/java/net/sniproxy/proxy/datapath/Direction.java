package net.sniproxy.proxy.datapath;

/** Which way bytes flow. */
public enum Direction {
    /** From the client to the upstream. */
    UP,
    /** From the upstream to the client. */
    DOWN
}
