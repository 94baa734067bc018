package net.sniproxy.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.sniproxy.proxy.event.ByteCounts;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionSurvey;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.event.LiveConnection;
import org.junit.jupiter.api.Test;

class TrafficLedgerTest {
    private final TrafficLedger ledger = new TrafficLedger();

    @Test
    void shouldCountEndedAndOpenConnectionsOnceEach() {
        ledger.on(Events.completed("192.0.2.1", "a.example.com", "192.0.2.9", 100, 1000));
        ledger.on(Events.refused("192.0.2.1", Ending.NO_ROUTE, ""));
        ledger.watch(survey -> survey.look(Stream.of(
                Events.open("192.0.2.1", "b.example.com", 5, 50), Events.open("2001:db8::1", "b.example.com", 7, 70))));

        TrafficSnapshot now = ledger.snapshot();
        assertThat(now.paths()).containsEntry(DataPathKind.RELAY, new Volume(2, 3, 112, 1120));
        assertThat(now.paths()).containsEntry(DataPathKind.SPLICE, Volume.NONE);
        assertThat(now.names()).containsEntry("b.example.com", new Volume(2, 2, 12, 120));
        assertThat(now.clients())
                .containsEntry("192.0.2.1", new Volume(1, 2, 105, 1050))
                .containsEntry("2001:db8::1", new Volume(1, 1, 7, 70));
        assertThat(now.routes()).containsEntry("*.example.com", new Volume(2, 3, 112, 1120));
        assertThat(now.ended()).containsEntry(Ending.COMPLETED, 1L).containsEntry(Ending.NO_ROUTE, 1L);
        assertThat(now.open()).isEqualTo(2);
    }

    @Test
    void shouldTellWhatUserSpaceCopiedFromWhatTheKernelForwarded() {
        ByteCounts spliced = ByteCounts.relayed(517, 0).plusForwarded(1_000, 9_000);
        ByteCounts adopted = ByteCounts.relayedEarlier(300, 0).plusForwarded(1, 2);
        ledger.watch(survey -> survey.look(Stream.of(
                Events.open("192.0.2.1", "a.example.com", spliced, 1),
                Events.open("192.0.2.1", "a.example.com", adopted, 2))));
        TrafficSnapshot now = ledger.snapshot();
        assertThat(now.relayed()).isEqualTo(new Volume(0, 0, 517, 0));
        assertThat(now.names()).containsEntry("a.example.com", new Volume(2, 2, 1_818, 9_002));
    }

    @Test
    void shouldGoOnCountingWhatIsLeftToTheNextProcess() {
        LiveConnection last = Events.open("192.0.2.1", "a.example.com", 5, 50);
        ledger.on(new ConnectionEvent.Left(last));
        assertThat(ledger.snapshot().relayed()).isEqualTo(new Volume(0, 0, 5, 50));
        assertThat(ledger.snapshot().open()).isZero();
    }

    @Test
    void shouldShowTheBusiestOfThoseThatAreWanted() {
        ledger.watch(survey -> survey.look(IntStream.range(0, 100)
                .mapToObj(i -> Events.open(
                        "192.0.2.1", i % 2 == 0 ? "even" : "odd", ByteCounts.relayed(i * 37 % 101, 0), i))));
        List<LiveConnection> shown = ledger.snapshot(
                        3, connection -> connection.name().orElse("").equals("even"))
                .busiest();
        assertThat(shown)
                .hasSize(3)
                .allSatisfy(connection -> assertThat(connection.name()).contains("even"))
                .isSortedAccordingTo(
                        (a, b) -> Long.compare(b.bytes().up(), a.bytes().up()));
    }

    @Test
    void shouldForgetTheNamesThatWereSeenLongestAgo() {
        for (int i = 0; i < 2 * TrafficLedger.REMEMBERED; i++) {
            ledger.on(Events.completed("192.0.2.1", "n" + i + ".example.com", "192.0.2.9", 1, 1));
        }
        TrafficSnapshot now = ledger.snapshot();
        assertThat(now.names())
                .hasSize(TrafficLedger.REMEMBERED)
                .containsKey("n" + (2 * TrafficLedger.REMEMBERED - 1) + ".example.com");
        assertThat(now.paths())
                .containsEntry(
                        DataPathKind.RELAY,
                        new Volume(
                                0,
                                2 * TrafficLedger.REMEMBERED,
                                2 * TrafficLedger.REMEMBERED,
                                2 * TrafficLedger.REMEMBERED));
    }

    /** Connections come, move bytes and go on two loops while the totals are read: no reading is less than the one before. */
    @Test
    void shouldNeverCountBackwardsUnderChurn() throws Exception {
        try (Loop one = new Loop(1);
                Loop two = new Loop(2)) {
            ledger.watch(
                    survey -> List.of(one.survey(survey), two.survey(survey)).forEach(TrafficLedgerTest::await));
            one.churn();
            two.churn();
            long before = 0;
            for (int i = 0; i < 500; i++) {
                long now = ledger.snapshot().paths().get(DataPathKind.RELAY).bytesUp();
                assertThat(now).isGreaterThanOrEqualTo(before);
                before = now;
            }
            long moved = one.stop() + two.stop();
            assertThat(ledger.snapshot().paths().get(DataPathKind.RELAY).bytesUp())
                    .isEqualTo(moved)
                    .isPositive();
        }
    }

    private static void await(Future<?> done) {
        try {
            done.get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Stands for an event loop. */
    private final class Loop implements AutoCloseable {
        private static final int MOST_OPEN = 20;

        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final List<Long> open = new ArrayList<>();
        private final Random random;
        private volatile boolean stopped;
        private long moved;

        Loop(int seed) {
            random = new Random(seed);
        }

        Future<?> survey(ConnectionSurvey survey) {
            return thread.submit(
                    () -> survey.look(open.stream().map(bytes -> Events.open("192.0.2.1", "a.example.com", bytes, 0))));
        }

        /** Asks whether to go on where the steps are made: what {@link #stop} reads behind its request is the last word. */
        void churn() {
            thread.execute(() -> {
                if (!stopped) {
                    step();
                    churn();
                }
            });
        }

        private void step() {
            int bytes = random.nextInt(1_000);
            if (open.size() < MOST_OPEN && random.nextBoolean()) {
                open.add((long) bytes);
                moved += bytes;
            } else if (!open.isEmpty()) {
                int at = random.nextInt(open.size());
                open.set(at, open.get(at) + bytes);
                moved += bytes;
                if (random.nextInt(3) == 0) {
                    ledger.on(Events.completed("192.0.2.1", "a.example.com", "192.0.2.9", open.remove(at), 0));
                }
            }
        }

        long stop() throws Exception {
            stopped = true;
            return thread.submit(() -> moved).get();
        }

        @Override
        public void close() {
            stopped = true;
            thread.shutdownNow();
        }
    }
}
