package net.sniproxy.proxy.event;

import java.util.stream.Stream;

/** Looks at all open connections, those of one event loop at a time. */
@FunctionalInterface
public interface ConnectionSurvey {
    /**
     * The open connections of one event loop, all at the same moment: what is not among them has told its
     * {@link ConnectionEvent.Closed} before. Called on that event loop, so it must not block.
     */
    void look(Stream<LiveConnection> open);
}
