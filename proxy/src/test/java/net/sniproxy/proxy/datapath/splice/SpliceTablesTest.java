package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.proxy.datapath.splice.SpliceTables.Armed;
import net.sniproxy.proxy.datapath.splice.SpliceTables.Keys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two connections, one after the other, from the same port of a client. */
@KernelTest
class SpliceTablesTest {
    private static final long FIRST = 1;
    private static final long SECOND = 2;

    private static LoadedTables loaded;
    private static SpliceTables tables;
    private final SplicePlan first = LoadedTables.plan(FIRST, 40_001);
    private final SplicePlan second = LoadedTables.plan(SECOND, 40_002);

    @BeforeAll
    static void load() {
        loaded = new LoadedTables();
        tables = loaded.tables();
    }

    @AfterAll
    static void close() {
        loaded.close();
    }

    @BeforeEach
    void armTheFirst() {
        tables.remove(FIRST, first.upKey(), first.downKey());
        tables.remove(SECOND, second.upKey(), second.downKey());
        assertThat(tables.arm(FIRST, first)).isEqualTo(Armed.YES);
    }

    @Test
    void shouldNotArmWhatWouldTakeTheEntriesOfALivingConnection() {
        state(Splice.SPLICED);

        assertThat(tables.arm(SECOND, second)).isEqualTo(Armed.IN_USE);

        assertThat(owner(first.upKey())).isEqualTo(FIRST);
        assertThat(tables.isInUse(second.downKey())).isFalse();
        assertThat(tables.splice(SECOND)).isEmpty();
    }

    @Test
    void shouldMakeWayForTheConnectionThatReplacesOne() {
        state(Splice.REPLACED);

        assertThat(tables.arm(SECOND, second)).isEqualTo(Armed.YES);

        assertThat(owner(first.upKey())).isEqualTo(SECOND);
        assertThat(tables.isInUse(first.downKey())).isFalse();
        assertThat(tables.splice(FIRST)).isEmpty();
    }

    @Test
    void shouldNotRemoveTheEntriesOfTheConnectionThatCameAfter() {
        state(Splice.REPLACED);
        tables.arm(SECOND, second);

        tables.remove(FIRST, first.upKey(), first.downKey());

        assertThat(owner(second.upKey())).isEqualTo(SECOND);
        assertThat(owner(second.downKey())).isEqualTo(SECOND);
        assertThat(tables.splice(SECOND)).isPresent();
    }

    @Test
    void shouldRemoveOfManyThoseThatAreStillThere() {
        state(Splice.REPLACED);
        tables.arm(SECOND, second);
        SplicePlan third = LoadedTables.plan(3, 40_005, "192.0.2.80");
        Keys keys = new Keys(3, third.upKey(), third.downKey());
        // In the place of the first, which makes room for this one.
        assertThat(tables.arm(3, third)).isEqualTo(Armed.YES);

        tables.removeAll(List.of(new Keys(FIRST, first.upKey(), first.downKey()), keys));

        assertThat(owner(second.upKey())).isEqualTo(SECOND);
        assertThat(owner(second.downKey())).isEqualTo(SECOND);
        assertThat(tables.splice(SECOND)).isPresent();
        assertThat(tables.isInUse(third.upKey())).isFalse();
        assertThat(tables.isInUse(third.downKey())).isFalse();
        assertThat(tables.splice(3)).isEmpty();
    }

    @Test
    void shouldLeaveNothingOfAConnectionForWhichThereIsNoRoom() {
        SplicePlan another = LoadedTables.plan(SECOND, 40_003, "192.0.2.78");
        SplicePlan tooMany = LoadedTables.plan(3, 40_004, "192.0.2.79");
        assertThat(tables.arm(SECOND, another)).isEqualTo(Armed.YES);

        assertThat(tables.arm(3, tooMany)).isEqualTo(Armed.FULL);

        assertThat(tables.splice(3)).isEmpty();
        assertThat(tables.isInUse(tooMany.upKey())).isFalse();
        tables.remove(SECOND, another.upKey(), another.downKey());
    }

    private static void state(int state) {
        loaded.change(FIRST, splice -> splice.state = state);
    }

    private static long owner(FlowKey key) {
        long[] owner = {0};
        tables.forEachFlow((found, flow) -> {
            if (found.equals(key)) {
                owner[0] = flow.splice;
            }
        });
        return owner[0];
    }
}
