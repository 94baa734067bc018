package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.Background;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Thousands of short connections whose clients use the same ports again and again. */
class SpliceChurnTest {
    private static final int WORKERS = 8;
    private static final int CONNECTIONS_OF_EACH = 625;
    private static final int PORTS_OF_EACH = 50;
    private static final int FIRST_PORT = 20_000;
    private static final byte[] HELLO = Hello.of(Rig.NAME).bytes();
    private static final int UP = 3_000;
    private static final int DOWN = 20_000;

    @Test
    @DisplayName(
            "27: 5,000 short spliced connections from 400 ports: all bytes right, all spliced, each in the access log, and in the end no"
                    + " entry in any table")
    void shouldLeaveNoEntryBehindShortConnections() {
        int connections = WORKERS * CONNECTIONS_OF_EACH;
        ThreeHosts hosts = new ThreeHosts();
        BackEnd backEnd = hosts.amongBackEnds(() -> BackEnd.serving(hosts.backEndAddress(), SpliceChurnTest::serve));
        try (Rig rig = Rig.start(DataPath.SPLICE, hosts, backEnd, config -> {})) {
            List<CompletableFuture<Boolean>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                int worker = i;
                workers.add(Background.run(() -> hosts.amongClients(() -> work(rig, worker))));
            }
            workers.forEach(CompletableFuture::join);

            List<AccessLine> lines = Await.until(
                    "access log lines",
                    Duration.ofSeconds(30),
                    rig.proxy()::accessLog,
                    all -> all.size() >= connections);
            assertThat(lines).hasSize(connections);
            assertThat(lines).allSatisfy(line -> {
                assertThat(line.path()).as(line.text()).contains("splice");
                assertThat(line.bytesUp()).as(line.text()).isEqualTo(HELLO.length + Long.BYTES + UP);
                assertThat(line.bytesDown()).as(line.text()).isEqualTo(HELLO.length + DOWN);
            });
            rig.awaitNoSplices();
        }
    }

    private static boolean work(Rig rig, int worker) {
        InetAddress address = InetAddress.ofLiteral("10.77.1.1");
        for (int i = 0; i < CONNECTIONS_OF_EACH; i++) {
            int port = FIRST_PORT + worker * PORTS_OF_EACH + i % PORTS_OF_EACH;
            long token = (long) worker * CONNECTIONS_OF_EACH + i;
            Payload down = new Payload(~token, DOWN);
            try (Peer client = Peer.connectFrom(
                    new InetSocketAddress(address, port), rig.proxy().address())) {
                // As with TLS, nothing follows the hello before it is answered.
                assertThat(client.send(HELLO).read(HELLO.length)).isEqualTo(HELLO);
                client.send(bytes(token)).send(new Payload(token, UP));
                if (serverEnds(token)) {
                    assertThat(client.receive()).isEqualTo(Received.of(Ending.FIN, down));
                } else {
                    assertThat(client.read(DOWN)).isEqualTo(down.bytes());
                    // With FIN it would have to leave its port alone for a minute.
                    client.reset();
                }
            }
        }
        return true;
    }

    private static byte[] bytes(long token) {
        return ByteBuffer.allocate(Long.BYTES).putLong(0, token).array();
    }

    private static boolean serverEnds(long token) {
        return token % 2 == 0;
    }

    /** Whatever is wrong ends the connection at once, and the client finds its answer missing. */
    private static void serve(Peer server) {
        server.send(server.read(HELLO.length));
        long token = ByteBuffer.wrap(server.read(Long.BYTES)).getLong();
        assertThat(server.read(UP)).isEqualTo(new Payload(token, UP).bytes());
        server.send(new Payload(~token, DOWN));
        if (!serverEnds(token)) {
            assertThat(server.receive()).isEqualTo(Received.of(Ending.RST));
        }
    }
}
