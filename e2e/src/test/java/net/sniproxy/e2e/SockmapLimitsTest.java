package net.sniproxy.e2e;

import static net.sniproxy.e2e.Redirection.BYTES_RECEIVED;
import static net.sniproxy.e2e.Redirection.BYTES_SENT;
import static net.sniproxy.e2e.Redirection.MESSAGES_SENT;
import static net.sniproxy.e2e.Redirection.OVER_LIMIT;
import static net.sniproxy.e2e.Redirection.SOCKMAP;
import static net.sniproxy.e2e.Redirection.SOON;
import static net.sniproxy.e2e.Redirection.assertThatTablesAreEmpty;
import static net.sniproxy.e2e.Redirection.exchange;
import static net.sniproxy.e2e.Redirection.maps;
import static net.sniproxy.e2e.Redirection.rig;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import net.sniproxy.bpf.testing.SinceKernel;
import net.sniproxy.e2e.harness.AccessLine;
import net.sniproxy.e2e.harness.Await;
import net.sniproxy.e2e.harness.CgroupSite;
import net.sniproxy.e2e.harness.DataPath;
import net.sniproxy.e2e.harness.ProcFs;
import net.sniproxy.e2e.harness.Rig;
import net.sniproxy.e2e.harness.Rig.Link;
import net.sniproxy.e2e.wire.BackEnd;
import net.sniproxy.e2e.wire.Ending;
import net.sniproxy.e2e.wire.Flood;
import net.sniproxy.e2e.wire.Payload;
import net.sniproxy.e2e.wire.Peer;
import net.sniproxy.e2e.wire.Received;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Redirection between sockets of one host: what the kernel may hold, and what happens beyond. */
@SinceKernel("6.3") // The tracepoint sock_recv_length.
class SockmapLimitsTest {
    /** For the tests that need no configuration of their own; each leaves its tables empty. */
    private static Rig shared;

    @BeforeAll
    static void start() {
        shared = rig(config -> {});
    }

    @AfterAll
    static void stop() {
        shared.close();
    }

    @Test
    @DisplayName("12: 200 stopped readers: the kernel holds little for each and for all, other flows are unaffected")
    void shouldBoundKernelMemoryOfStoppedReaders() {
        int readers = 200;
        int limit = 256 << 10;
        int totalLimit = 8 << 20;
        int buffer = 64 << 10;
        // What is redirected whatever the others hold, and one message more; Flood sends such of 64 KB.
        long redirectedBound = totalLimit + readers * (64L + 64 << 10);
        // Four small TCP buffers, and the relay between them.
        long bound = redirectedBound + readers * (long) (4 * buffer + (1 << 20));
        CgroupSite site = new CgroupSite();
        BackEnd backEnd = BackEnd.startWithReceiveBuffer(site.backEndAddress(), buffer);
        Rig.Change limits =
                config -> config.set("ebpf.sockmap.limit", limit).set("ebpf.sockmap.total_limit", totalLimit);
        try (Rig rig = Rig.start(DataPath.SOCKMAP, site, backEnd, limits)) {
            Link free = rig.open();
            List<Link> links =
                    IntStream.range(0, readers).mapToObj(i -> rig.open()).toList();
            links.forEach(link -> link.client().sendBuffer(buffer));
            ProcFs proc = rig.proxy().proc();
            long before = proc.tcpMemoryBytes();
            long slabBefore = ProcFs.slabBytes();
            Flood flood = Flood.on(links.stream().map(Link::client).toList());
            Await.until(() -> "the limit of all", SOON, () -> maps(rig).traffic(BYTES_SENT) >= totalLimit);
            Await.until(() -> "more than most have", SOON, () -> flood.most() >= 64 << 10);
            flood.untilStuck(Duration.ofMillis(500));
            assertThat(maps(rig).traffic(BYTES_SENT)).as("redirected").isLessThanOrEqualTo(redirectedBound);
            assertThat(flood.most()).as("of one connection").isLessThanOrEqualTo(16 << 20);
            assertThat(proc.tcpMemoryBytes() - before).as("kernel memory").isLessThan(bound * 2);
            awaitKernelObjects(slabBefore + bound);
            Payload other = new Payload(2, 8 << 20);
            CompletableFuture<Void> unaffected = exchange(free, other, other);
            unaffected.join();
            links.forEach(Link::close);
            assertThatTablesAreEmpty(rig);
            Payload after = new Payload(12, 1 << 20);
            long redirected = maps(rig).traffic(BYTES_SENT);
            Link link = rig.open();
            link.client().send(Arrays.copyOf(after.bytes(), limit));
            assertThat(maps(rig).traffic(BYTES_SENT) - redirected)
                    .as("closed connections hold nothing")
                    .isEqualTo(limit);
            link.close();
        }
    }

    @Test
    @DisplayName("12: a writer of single bytes, reader stopped: what the kernel needs around them counts, too")
    void shouldBoundTheMessagesOfAStoppedReader() {
        int bytes = 100_000;
        int most = (4 << 20) / (1 + 1024) + 1; // A byte and a message each, and the one that exceeds the limit.
        Rig rig = shared;
        byte[] data = new Payload(13, bytes).bytes();
        long before = maps(rig).traffic(MESSAGES_SENT);
        long fallenBackBefore = maps(rig).traffic(OVER_LIMIT);
        long slabBefore = ProcFs.slabBytes();
        try (Link link = rig.open()) {
            CompletableFuture<Peer> sent = CompletableFuture.supplyAsync(() -> {
                for (byte one : data) {
                    link.client().send(new byte[] {one});
                }
                return link.client().finish();
            });
            Await.until(() -> "over the limit", SOON, () -> maps(rig).traffic(OVER_LIMIT) > fallenBackBefore);
            assertThat(maps(rig).traffic(MESSAGES_SENT) - before).isEqualTo(most);
            awaitKernelObjects(slabBefore + (64 << 20));
            assertThat(link.server().receive()).isEqualTo(Received.of(Ending.FIN, data));
            sent.join();
            link.server().finish();
            assertThat(rig.proxy().awaitEnd(link.client()).bytesUp()).isEqualTo(link.hello().length + bytes);
        }
    }

    /** Those of the whole host, so what others have done may be in it for a while; what a stopped reader holds stays. */
    private static void awaitKernelObjects(long most) {
        Await.until("bytes of kernel objects below " + most, SOON, ProcFs::slabBytes, bytes -> bytes < most);
    }

    @Test
    @DisplayName(
            "12: above the limit a direction goes through TCP until all is read: nothing lost, nothing out of order")
    void shouldKeepTheOrderWhenADirectionFallsBack() {
        Payload payload = new Payload(3, 20 << 20);
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.limit", "64K"));
                Link link = rig.open()) {
            CompletableFuture<Peer> up = link.client().sending(payload).thenApply(Peer::finish);
            CompletableFuture<Peer> down = link.server().sending(payload).thenApply(Peer::finish);
            Await.until(() -> "both over the limit", SOON, () -> maps(rig).traffic(OVER_LIMIT) >= 2);
            CompletableFuture<Received> atServer = link.server().receiving();
            assertThat(link.client().receive()).isEqualTo(Received.of(Ending.FIN, payload));
            assertThat(atServer.join()).isEqualTo(Received.of(Ending.FIN, payload));
            up.join();
            down.join();
            // The first message of a direction always is; whether any is after the fall depends on who is faster.
            for (int direction : List.of(BYTES_SENT, BYTES_RECEIVED)) {
                assertThat(maps(rig).traffic(direction)).as("redirected").isBetween(1L, payload.length() - 1);
            }
            AccessLine line = rig.proxy().awaitEnd(link.client());
            assertThat(line.bytesUp()).isEqualTo(link.hello().length + payload.length());
            assertThat(line.bytesDown()).isEqualTo(payload.length());
        }
    }

    /** Which end is faster decides how often a direction returns, so it goes on until that was often. */
    @Test
    @Timeout(600)
    void shouldKeepTheOrderThroughManyReturns() {
        byte[] data = new Payload(50, 24 << 20).bytes();
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.limit", "128K"));
                Link link = rig.open()) {
            long sent = 0;
            do {
                moveAtRandom(link, data, new Random(51 + sent));
                sent += data.length;
            } while (maps(rig).traffic(OVER_LIMIT) <= 10 || maps(rig).traffic(BYTES_SENT) < 1 << 20);
            assertThat(maps(rig).traffic(BYTES_SENT)).as("redirected").isLessThan(sent);
        }
    }

    /** Both ends choose at random how much they send and read at once, and the reader when it pauses. */
    private static void moveAtRandom(Link link, byte[] data, Random random) {
        int most = 150_000;
        Random pieces = new Random(random.nextLong());
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            for (int at = 0; at < data.length; ) {
                int length = Math.min(1 + pieces.nextInt(most), data.length - at);
                link.client().send(data, at, length);
                at += length;
            }
        });
        for (int at = 0; at < data.length; ) {
            byte[] expected = Arrays.copyOfRange(data, at, Math.min(at + 1 + random.nextInt(most), data.length));
            assertThat(link.server().read(expected.length)).as("at %d", at).isEqualTo(expected);
            at += expected.length;
            if (random.nextInt(20) == 0) {
                Await.pause(Duration.ofMillis(2));
            }
        }
        sent.join();
    }

    @Test
    void shouldRedirectAgainWhenTheReaderHasCaughtUp() {
        int burst = 1 << 20;
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.limit", "64K"));
                Link link = rig.open()) {
            for (int i = 0; i < 5; i++) {
                byte[] data = new Payload(40 + i, burst).bytes();
                long before = maps(rig).traffic(BYTES_SENT);
                CompletableFuture<Peer> sent =
                        CompletableFuture.supplyAsync(() -> link.client().send(data));
                assertThat(link.server().read(burst)).isEqualTo(data);
                sent.join();
                assertThat(maps(rig).traffic(BYTES_SENT)).as("burst %d", i).isGreaterThan(before);
                link.server().send(data, 0, 100);
                assertThat(link.client().read(100)).isEqualTo(Arrays.copyOf(data, 100));
            }
            long before = maps(rig).traffic(BYTES_SENT);
            for (int i = 0; i < 1000; i++) {
                link.client().send(new byte[100]);
                link.server().read(100);
            }
            assertThat(maps(rig).traffic(BYTES_SENT) - before)
                    .as("small messages after large ones")
                    .isEqualTo(100_000);
        }
    }

    @Test
    @DisplayName("17: map of sockets full: the relay carries the rest, no connection lost")
    void shouldRelayWhatTheMapHasNoRoomFor() {
        try (Rig rig = rig(config -> config.set("ebpf.sockmap.max_entries", 4))) {
            List<Link> links = IntStream.range(0, 10).mapToObj(i -> rig.open()).toList();
            Payload payload = new Payload(6, 100_000);
            links.forEach(link -> exchange(link, payload, payload).join());
            List<AccessLine> lines =
                    Await.until("access log", SOON, rig.proxy()::accessLog, all -> all.size() == links.size());
            assertThat(lines)
                    .filteredOn(line -> line.path().equals(Optional.of(SOCKMAP)))
                    .hasSizeBetween(1, 2);
            assertThat(lines)
                    .filteredOn(line -> line.path().equals(Optional.of("relay")))
                    .hasSizeBetween(8, 9);
        }
    }
}
