package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyMaps;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;

/** What the tests of redirection between sockets of one host share. */
final class Redirection {
    /** As access log lines name the path. */
    static final String SOCKMAP = DataPath.SOCKMAP.label();

    /** As long as a very busy machine needs to start a proxy. */
    static final Duration SOON = Duration.ofMinutes(3);

    // Indexes of TRAFFIC_STATS.
    static final int BYTES_SENT = 0;
    static final int BYTES_RECEIVED = 1;
    static final int MESSAGES_SENT = 2;
    static final int OVER_LIMIT = 7;

    private Redirection() {}

    /** A proxy with this path on, and a back end. */
    static Rig rig(Rig.Change change) {
        return Rig.start(DataPath.SOCKMAP, change);
    }

    /** The maps of its proxy. */
    static ProxyMaps maps(Rig rig) {
        return new ProxyMaps(rig.proxy().child().pid());
    }

    /** Sends both ways to the end, and holds both ends to what came and how it ended. */
    static CompletableFuture<Void> exchange(Link link, Payload up, Payload down) {
        CompletableFuture<Received> atServer = link.server().receiving();
        CompletableFuture<Received> atClient = link.client().receiving();
        link.server().sending(down).thenAccept(Peer::finish);
        link.client().sending(up).thenAccept(Peer::finish);
        return CompletableFuture.allOf(atServer, atClient).thenRun(() -> {
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, up));
            assertThat(atClient.join()).isEqualTo(Received.of(Ending.FIN, down));
            link.close();
        });
    }

    /** Without the table of handshakes, which pushes out by itself what was enrolled and never asked for. */
    static void assertThatTablesAreEmpty(Rig rig) {
        for (String name : List.of("SOCK_MAP", "CONNECTION_MAP", "REDIRECT_FLOWS", "CONNECTION_STATS")) {
            assertThat(Await.until(name, SOON, () -> maps(rig).entries(name), entries -> entries == 0))
                    .isZero();
        }
    }
}
