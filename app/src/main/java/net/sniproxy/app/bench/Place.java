package net.sniproxy.app.bench;

import java.io.IOException;
import java.util.List;

/** Where client, proxy and back end are. Closing it removes what was made for it. */
sealed interface Place extends AutoCloseable permits ThisHost, OwnCgroup, ThreeHosts {
    /** Who is started. */
    enum Role {
        CLIENT,
        PROXY,
        BACK_END
    }

    /** The words in front of a command, to run it there. */
    List<String> prefix(Role role);

    /** Where one listens. */
    String address(Role role);

    @Override
    void close() throws IOException;
}
