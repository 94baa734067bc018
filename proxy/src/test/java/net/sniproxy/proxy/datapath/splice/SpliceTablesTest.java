package net.sniproxy.proxy.datapath.splice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.kernel.FlowKey;
import net.sniproxy.kernel.FlowKeys;
import net.sniproxy.kernel.Splice;
import net.sniproxy.kernel.SpliceLeg;
import net.sniproxy.kernel.SplicePlan;
import net.sniproxy.kernel.TcSplice;
import net.sniproxy.proxy.datapath.splice.SpliceTables.Armed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two connections, one after the other, from the same port of a client. */
@KernelTest
class SpliceTablesTest {
    private static final long FIRST = 1;
    private static final long SECOND = 2;

    private static LoadedObject object;
    private static SpliceTables tables;
    private final SplicePlan first = plan(FIRST, 40_001);
    private final SplicePlan second = plan(SECOND, 40_002);

    @BeforeAll
    static void load() {
        CompileOptions small =
                CompileOptions.defaults().withMapEntries(Map.of("FLOWS", 4, "SPLICES", 4, "CONNECTION_STATS", 4));
        object = LoadedObject.load(Kernel.running(), Compiler.compile(small, TcSplice.class));
        tables = new SpliceTables(object);
    }

    @AfterAll
    static void close() {
        object.close();
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
    void shouldLeaveNothingOfAConnectionForWhichThereIsNoRoom() {
        SplicePlan another = plan(SECOND, 40_003, "192.0.2.78");
        SplicePlan tooMany = plan(3, 40_004, "192.0.2.79");
        assertThat(tables.arm(SECOND, another)).isEqualTo(Armed.YES);

        assertThat(tables.arm(3, tooMany)).isEqualTo(Armed.FULL);

        assertThat(tables.splice(3)).isEmpty();
        assertThat(tables.isInUse(tooMany.upKey())).isFalse();
        tables.remove(SECOND, another.upKey(), another.downKey());
    }

    private static void state(int state) {
        Splice splice = tables.splice(FIRST).orElseThrow();
        splice.state = state;
        TypedMap.of(object.map("SPLICES"), Codec.u64(), Codec.of(Splice.class)).update(FIRST, splice);
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

    private static SplicePlan plan(long id, int sourcePort) {
        return plan(id, sourcePort, "192.0.2.77");
    }

    private static SplicePlan plan(long id, int sourcePort, String client) {
        return SplicePlan.of(
                id,
                leg(new InetSocketAddress(client, 30_000), new InetSocketAddress("192.0.2.1", 443)),
                leg(new InetSocketAddress("198.51.100.1", 443), new InetSocketAddress("198.51.100.7", sourcePort)),
                517,
                0,
                System.nanoTime());
    }

    private static SpliceLeg leg(InetSocketAddress peer, InetSocketAddress own) {
        return new SpliceLeg(FlowKeys.of(peer, own), 1, 1, 1, 7, 7, true, true, false, 1);
    }
}
