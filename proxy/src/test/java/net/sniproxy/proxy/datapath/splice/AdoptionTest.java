package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.bpf.testing.TestBpfFileSystem;
import net.sniproxy.kernel.ConnectionStats;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.event.Ending;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start makes of what is pinned: connections that are open go on, nothing else stays. */
@KernelTest
class AdoptionTest {
    private static final long ID = 7;
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Kernel KERNEL = Kernel.running();
    private static final ConnectionNote NOTE = new ConnectionNote(
            Instant.ofEpochMilli(1_767_000_000_123L),
            new InetSocketAddress("192.0.2.1", 443),
            new InetSocketAddress("192.0.2.77", 30_000),
            new InetSocketAddress("192.0.2.77", 30_000),
            new InetSocketAddress("198.51.100.1", 443),
            Optional.of("www.example.com"),
            List.of("h2"),
            42,
            "www.example.com:443",
            517,
            0);

    private static TestBpfFileSystem directory;
    private static LoadedTables loaded;
    private static SpliceTables tables;
    private static BpfMap notes;
    private static SplicePins pins;
    private static LiveSplices live;

    private final SplicePlan plan = LoadedTables.plan(ID, 40_001);

    @BeforeAll
    static void pin() {
        directory = TestBpfFileSystem.mount();
        loaded = new LoadedTables();
        tables = loaded.tables();
        notes = SpliceNotes.create(KERNEL, LoadedTables.ROOM);
        pins = SplicePins.open(KERNEL, directory.root().resolve("splice"));
        pins.keep(loaded.withNotes(notes));
        live = new LiveSplices(KERNEL, loaded.events(), tables, new SpliceNotes(notes, pins), NEVER);
    }

    @AfterAll
    static void close() {
        live.close();
        pins.removeAll();
        pins.close();
        notes.close();
        loaded.close();
        directory.close();
    }

    @AfterEach
    void removeAll() {
        tables.removeFlow(plan.upKey());
        tables.removeFlow(plan.downKey());
        tables.retain(Set.of());
        live.notes().retain(Set.of());
    }

    private static List<AdoptableConnection> run() {
        return new Adoption(tables, live).run();
    }

    private void leave(int state) {
        assertThat(tables.arm(ID, plan)).isEqualTo(SpliceTables.Armed.YES);
        loaded.change(ID, splice -> splice.state = state);
        live.notes().write(ID, NOTE);
    }

    @Test
    void shouldFindWhatIsOpenAndLeaveItAsItIs() {
        leave(Splice.SPLICED);
        assertThat(run()).extracting(AdoptableConnection::note).containsExactly(NOTE);
        assertThat(entries()).isEqualTo(Map.of("FLOWS", 2, "SPLICES", 1, "CONNECTION_STATS", 1, SpliceNotes.MAP, 1));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {Splice.ARMED, Splice.LEFT_TO_RELAY, Splice.CLOSED, Splice.RESET, Splice.REPLACED, Splice.REVOKED})
    void shouldRemoveWhatIsNotOpen(int state) {
        leave(state);
        assertThat(run()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void shouldRemoveAConnectionOfWhichNothingIsKnown() {
        leave(Splice.SPLICED);
        live.notes().removeAll(List.of(ID));
        assertThat(run()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void shouldRemoveAConnectionOfWhichOneDirectionIsGone() {
        leave(Splice.SPLICED);
        tables.removeFlow(plan.downKey());
        assertThat(run()).isEmpty();
        assertNothingIsLeft();
    }

    /** Such as the counts of connections that were redirected between sockets when the process was killed. */
    @Test
    void shouldRemoveWhatBelongsToNoConnection() {
        TypedMap.of(loaded.maps().get("SPLICES"), Codec.u64(), Codec.of(Splice.class))
                .update(1L, plan.splice());
        TypedMap.of(loaded.maps().get("CONNECTION_STATS"), Codec.u64(), Codec.of(ConnectionStats.class))
                .update(2L, new ConnectionStats());
        live.notes().write(3, NOTE);
        leave(Splice.SPLICED);
        assertThat(run()).hasSize(1);
        assertThat(entries()).isEqualTo(Map.of("FLOWS", 2, "SPLICES", 1, "CONNECTION_STATS", 1, SpliceNotes.MAP, 1));
    }

    @Test
    void shouldTellTheOwnerOfAnEndThatCameBeforeItListened() {
        leave(Splice.SPLICED);
        AdoptableConnection found = run().getFirst();
        loaded.change(ID, splice -> splice.state = Splice.CLOSED);
        List<Ending> endings = new ArrayList<>();
        DetachedFlow flow = found.adopt(endings::add);
        assertThat(endings).containsExactly(Ending.COMPLETED);
        flow.close(false);
        assertThat(live.endNow(ID)).isTrue();
    }

    private static void assertNothingIsLeft() {
        assertThat(entries().values()).containsOnly(0);
    }

    private static Map<String, Integer> entries() {
        Map<String, BpfMap> maps = loaded.maps();
        return Map.of(
                "FLOWS",
                count(maps.get("FLOWS")),
                "SPLICES",
                count(maps.get("SPLICES")),
                "CONNECTION_STATS",
                count(maps.get("CONNECTION_STATS")),
                SpliceNotes.MAP,
                count(notes));
    }

    private static int count(BpfMap map) {
        int[] count = {0};
        TypedMap.of(map, bytes(map.keySize()), bytes(map.valueBytes())).forEach((key, value) -> count[0]++);
        return count[0];
    }

    private static Codec<byte[]> bytes(int length) {
        return Codec.bytes(new ArrayLayout(IntegerLayout.U8, length));
    }
}
