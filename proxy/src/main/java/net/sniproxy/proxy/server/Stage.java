package net.sniproxy.proxy.server;

import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;

/**
 * What a connection is busy with, from its acceptance until it begins to end.
 *
 * <pre>
 * ReadingHello → Dialling → Relaying
 * </pre>
 *
 * <p>For the connection's event loop.
 */
sealed interface Stage permits EarlyStage, Relaying {
    /** What a look at the clock brings about. */
    void check(long now);

    /** Whether the client has got nothing from an upstream yet, so that a TLS alert of ours still makes sense to it. */
    boolean mayAnswer();

    /** Whether a route was taken, which a reload may revoke. */
    boolean isRouted();

    /** Ends both legs with RST. */
    void abort(Ending ending);

    /** What both sides have moved. */
    ByteCounts bytes();

    /** The connection ends: gives back what only this stage needs. Once. */
    void leave();
}
