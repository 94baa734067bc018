package net.sniproxy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProxyConfig;
import net.sniproxy.e2e.harness.ProxyProcess;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.harness.ThreeHosts;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Hello;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a proxy leaves behind that dies while it takes its place in the kernel. Only the splice leaves anything: its tables and
 * links are pinned, one after the other, when the first connection needs them; all else goes with the process.
 */
class CrashAtStartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    @DisplayName("26: crash while attaching: whatever was pinned by then, the next start has a whole path")
    void shouldStartBehindACrashAtAnyPoint() throws IOException {
        try (ThreeHosts hosts = new ThreeHosts()) {
            long all = pinnedByAWholeStart(hosts);
            assertThat(all).as("what survives a proxy").isPositive();
            for (long pinned = 0; pinned <= all; pinned++) {
                crashAndStartAgain(hosts, pinned);
            }
        }
    }

    private static long pinnedByAWholeStart(ThreeHosts hosts) throws IOException {
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount();
                BackEnd backEnd = backEnd(hosts);
                ProxyProcess whole = ProxyProcess.start(DataPath.SPLICE, hosts, config(hosts, backEnd, pins));
                Link link = new Rig(DataPath.SPLICE, hosts, backEnd, whole).open()) {
            link.server().send(link.hello());
            link.client().read(link.hello().length);
            return count(pins.root());
        }
    }

    private static void crashAndStartAgain(ThreeHosts hosts, long pinned) {
        try (TestBpfFileSystem pins = TestBpfFileSystem.mount()) {
            try (BackEnd backEnd = backEnd(hosts);
                    ProxyProcess crashing = ProxyProcess.start(DataPath.SPLICE, hosts, config(hosts, backEnd, pins));
                    Peer client = hosts.amongClients(() -> Peer.connect(crashing.address()))) {
                client.send(Hello.of(Rig.NAME).bytes());
                Await.until(() -> pinned + " pins", PATIENCE, () -> count(pins.root()) >= pinned);
                crashing.child().signal("KILL");
                crashing.child().awaitExit(PATIENCE);
            }
            try (BackEnd backEnd = backEnd(hosts);
                    ProxyProcess next = ProxyProcess.start(DataPath.SPLICE, hosts, config(hosts, backEnd, pins));
                    Link link = new Rig(DataPath.SPLICE, hosts, backEnd, next).open()) {
                link.exchange(new Payload(26, 100_000), new Payload(27, 100_000))
                        .join();
                assertThat(next.awaitEnd(link.client()).path())
                        .as("after a crash with %d pins; the log: %s", pinned, next.log())
                        .contains("splice");
            }
        }
    }

    private static BackEnd backEnd(ThreeHosts hosts) {
        return hosts.amongBackEnds(() -> BackEnd.start(hosts.backEndAddress()));
    }

    private static ProxyConfig config(ThreeHosts hosts, BackEnd backEnd, TestBpfFileSystem pins) {
        return ProxyConfig.on(hosts.proxyAddress())
                .route(Rig.NAME, backEnd.target())
                .set("ebpf.splice.pin", pins.root().resolve("splice").toString());
    }

    /** Pinned objects: files, however deep. */
    private static long count(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> !Files.isDirectory(path)).count();
        } catch (NoSuchFileException | UncheckedIOException moved) {
            return 0; // While it was being listed.
        }
    }
}
