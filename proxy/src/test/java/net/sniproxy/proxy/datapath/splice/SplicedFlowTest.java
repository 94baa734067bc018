package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.testing.Eventually;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.kernel.Flow;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceDirection;
import net.sniproxy.kernel.SpliceEvent;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.Direction;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left in the proxy of a connection that the kernel carries, and what it hears without any event. */
@KernelTest
class SplicedFlowTest {
    private static final long ID = 7;
    /** No directory: nothing is pinned in this test. */
    private static final Path PINS =
            Path.of("/sys/fs/bpf/flow-test-" + ProcessHandle.current().pid());

    private static final Duration OFTEN = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofDays(1);

    private static final Kernel KERNEL = Kernel.running();

    private static LoadedTables loaded;
    private static SpliceTables tables;
    private static SplicePins pins;
    private static BpfMap notes;
    /** Tells nobody anything by itself. */
    private static LiveSplices live;

    private final SplicePlan plan = LoadedTables.plan(ID, 40_001);
    private final List<Ending> endings = new ArrayList<>();

    @BeforeAll
    static void load() {
        loaded = new LoadedTables();
        tables = loaded.tables();
        pins = SplicePins.open(KERNEL, PINS);
        notes = SpliceNotes.create(KERNEL, 1);
        live = live(NEVER);
    }

    @AfterAll
    static void close() {
        live.close();
        notes.close();
        pins.close();
        loaded.close();
    }

    @BeforeEach
    void arm() {
        assertThat(tables.arm(ID, plan)).isEqualTo(SpliceTables.Armed.YES);
        loaded.change(ID, splice -> splice.state = Splice.SPLICED);
    }

    @AfterEach
    void disarm() {
        tables.remove(ID, plan.upKey(), plan.downKey());
    }

    @ParameterizedTest(name = "state {0} by direction {1}")
    @CsvSource({
        Splice.CLOSED + "," + Flow.UP + ",COMPLETED",
        Splice.RESET + "," + Flow.UP + ",CLIENT_RESET",
        Splice.RESET + "," + Flow.DOWN + ",UPSTREAM_RESET",
        Splice.REPLACED + "," + Flow.UP + ",CLIENT_RESET"
    })
    void shouldTellItsOwnerHowItEnded(int state, int direction, Ending ending) {
        SplicedFlow flow = flow(live);
        flow.changed(new SpliceEvent(ID, state, direction));
        assertThat(endings).containsExactly(ending);
    }

    @ParameterizedTest
    @ValueSource(ints = {Splice.ARMED, Splice.SPLICED, Splice.LEFT_TO_RELAY, Splice.REVOKED})
    void shouldNotTakeOtherStatesForAnEnd(int state) {
        flow(live).changed(new SpliceEvent(ID, state, Flow.UP));
        assertThat(endings).isEmpty();
    }

    @Test
    void shouldReadCountsOnlyWhenAsked() {
        SplicedFlow flow = flow(live);
        move(1_000, 2_000);
        assertThat(flow.lastRead(Direction.UP)).isZero();

        live.look();
        assertThat(flow.lastRead(Direction.UP)).isEqualTo(1_000);
        assertThat(flow.lastRead(Direction.DOWN)).isEqualTo(2_000);

        move(1_500, 2_500);
        assertThat(flow.forwarded(Direction.DOWN)).isEqualTo(2_500);
        assertThat(flow.lastMoved()).isEqualTo(tables.splice(ID).orElseThrow().lastMoved);
    }

    @Test
    void shouldNeverCountBackwards() {
        SplicedFlow flow = flow(live);
        Splice earlier = tables.splice(ID).orElseThrow();
        move(1_000, 2_000);
        assertThat(flow.forwarded(Direction.UP)).isEqualTo(1_000);
        flow.seen(earlier);
        assertThat(flow.lastRead(Direction.UP)).isEqualTo(1_000);
        assertThat(flow.lastRead(Direction.DOWN)).isEqualTo(2_000);
    }

    @Test
    void shouldRemoveItsEntriesWhenItIsEndedHere() {
        SplicedFlow flow = flow(live);
        move(1_000, 2_000);
        flow.close(false);
        assertNoEntries();
        assertThat(live.count()).isZero();
        assertThat(flow.forwarded(Direction.UP)).isEqualTo(1_000);
        assertThat(flow.forwarded(Direction.DOWN)).isEqualTo(2_000);
    }

    @Test
    void shouldLeaveItsEntriesToLatePacketsWhenItHasEnded() {
        SplicedFlow flow = flow(live);
        loaded.change(ID, splice -> splice.state = Splice.CLOSED);
        flow.close(false);
        assertThat(live.count()).isZero();
        assertThat(tables.isInUse(plan.upKey())).isTrue();

        assertThat(live.endNow(ID)).isTrue();
        assertNoEntries();
        assertThat(live.endNow(ID)).isFalse();
    }

    @Test
    void shouldAnswerLatePacketsForTenSeconds() {
        SplicedFlow flow = flow(live);
        loaded.change(ID, splice -> splice.state = Splice.CLOSED);
        long before = System.nanoTime();
        flow.close(false);
        long after = System.nanoTime();
        live.endLingering(before + Duration.ofSeconds(10).toNanos() - 1);
        assertThat(tables.isInUse(plan.upKey())).isTrue();

        live.endLingering(after + Duration.ofSeconds(10).toNanos());
        assertNoEntries();
    }

    @Test
    void shouldLeaveNoEntriesOfWhatHasEndedWhenTheProxyStops() {
        try (LiveSplices stopping = live(NEVER)) {
            SplicedFlow flow = flow(stopping);
            loaded.change(ID, splice -> splice.state = Splice.RESET);
            flow.close(false);
            assertThat(tables.isInUse(plan.upKey())).isTrue();
        }
        assertNoEntries();
    }

    @Test
    void shouldFindAnEndWhoseEventWasLost() {
        try (LiveSplices sweeping = live(OFTEN)) {
            SplicedFlow flow = flow(sweeping);
            loaded.change(ID, splice -> {
                splice.state = Splice.RESET;
                splice.down.state = SpliceDirection.RESET;
            });
            Eventually.holds(() -> assertThat(told()).contains(Ending.UPSTREAM_RESET));
            flow.close(false);
        }
        assertThat(told()).containsOnly(Ending.UPSTREAM_RESET);
    }

    /** Two CPUs noted the last acknowledgements at the same moment, and neither saw the other's. */
    @Test
    void shouldFindAnEndThatNoPacketNoticed() {
        try (LiveSplices sweeping = live(OFTEN)) {
            SplicedFlow flow = flow(sweeping);
            loaded.change(ID, splice -> {
                splice.state = Splice.SPLICED;
                splice.up.state = SpliceDirection.FIN | SpliceDirection.FIN_ACKNOWLEDGED;
                splice.down.state = SpliceDirection.FIN | SpliceDirection.FIN_ACKNOWLEDGED;
            });
            Eventually.holds(() -> assertThat(told()).contains(Ending.COMPLETED));
            flow.close(false);
            assertThat(tables.isInUse(plan.upKey()))
                    .as("late packets are answered")
                    .isTrue();
        }
        assertThat(told()).containsOnly(Ending.COMPLETED);
    }

    /** A sweep must tell that the hello was acknowledged, if the event was lost, and must not tell so before. */
    @Test
    void shouldFindABeginningWhoseEventWasLost() {
        List<SpliceEvent> events = new ArrayList<>();
        long other = ID + 1;
        SplicePlan armed = LoadedTables.plan(other, 40_002, "192.0.2.78");
        try (LiveSplices sweeping = live(OFTEN)) {
            assertThat(tables.arm(other, armed)).isEqualTo(SpliceTables.Armed.YES);
            sweeping.add(ID, noted(events));
            sweeping.add(other, noted(events));
            Eventually.holds(() ->
                    assertThat(copy(events)).extracting(SpliceEvent::splice).contains(ID));
            assertThat(copy(events)).extracting(SpliceEvent::splice).doesNotContain(other);

            loaded.change(other, splice -> splice.state = Splice.SPLICED);
            SpliceEvent lost = new SpliceEvent(other, Splice.SPLICED, Flow.UP);
            Eventually.holds(() -> assertThat(copy(events)).contains(lost));
        } finally {
            tables.remove(other, armed.upKey(), armed.downKey());
        }
    }

    private static LiveSplices live(Duration sweep) {
        return new LiveSplices(KERNEL, loaded.events(), tables, new SpliceNotes(notes, pins), sweep);
    }

    private SplicedFlow flow(LiveSplices teller) {
        SplicedFlow flow = new SplicedFlow(ID, plan.upKey(), plan.downKey(), tables, teller);
        flow.belongsTo(ending -> {
            synchronized (endings) {
                endings.add(ending);
            }
        });
        return flow;
    }

    private List<Ending> told() {
        return copy(endings);
    }

    private static LiveSplices.Listener noted(List<SpliceEvent> events) {
        return event -> {
            synchronized (events) {
                events.add(event);
            }
        };
    }

    /** The thread of the events writes to it. */
    private static <T> List<T> copy(List<T> list) {
        synchronized (list) {
            return List.copyOf(list);
        }
    }

    private void move(long up, long down) {
        loaded.change(ID, splice -> {
            splice.up.bytes = up;
            splice.down.bytes = down;
            splice.lastMoved++;
        });
    }

    private void assertNoEntries() {
        assertThat(tables.splice(ID)).isEqualTo(Optional.empty());
        assertThat(tables.isInUse(plan.upKey())).isFalse();
        assertThat(tables.isInUse(plan.downKey())).isFalse();
    }
}
