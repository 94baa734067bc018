package net.sniproxy.proxy.server;

import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.Ending;

/** A stage in which nothing of the client's has been sent on, and nothing has come back. For the connection's event loop. */
sealed interface EarlyStage extends Stage permits ReadingHello, Dialling {
    /** Whose stage it is. */
    Connection connection();

    @Override
    default boolean mayAnswer() {
        return true;
    }

    @Override
    default void abort(Ending ending) {
        connection().endWithReset(ending);
    }

    @Override
    default ByteCounts bytes() {
        return ByteCounts.NONE;
    }
}
