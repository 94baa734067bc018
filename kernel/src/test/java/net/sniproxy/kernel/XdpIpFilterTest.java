package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The source filter as it runs on the JVM. */
class XdpIpFilterTest {
    private static final int SECOND = 1_000_000_000;

    private long now = 5L * SECOND;

    @BeforeEach
    void stopTheClock() {
        Kernel.setClock(() -> now);
    }

    @AfterEach
    void clearMaps() {
        Kernel.setClock(System::nanoTime);
        FilterScene.clearJvm();
    }

    static List<FilterCase.Table> tables() {
        return FilterCase.tables();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void shouldJudgeTheTableAsWritten(FilterCase.Table table) {
        table.scene().fillJvm();

        for (FilterCase frame : table.cases()) {
            assertThat(filter(frame.frame())).as(frame.name()).isEqualTo(frame.verdict());
        }
    }

    @ParameterizedTest
    @MethodSource("tables")
    void shouldPassEverythingWhileItIsOff(FilterCase.Table table) {
        table.scene().fillJvm();
        KernelMaps.CONFIG.values().set(Setting.FILTER, new U32());

        for (FilterCase frame : table.cases()) {
            assertThat(filter(frame.frame())).as(frame.name()).isEqualTo(XdpAction.PASS);
        }
        assertThat(KernelMaps.TRAFFIC_STATS.values()).allMatch(counter -> counter.value == 0);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void shouldNeverPassATruncationOfADroppedFrame(FilterCase.Table table) {
        table.scene().fillJvm();

        for (FilterCase frame : table.cases()) {
            for (int length = 0; length < frame.frame().length; length++) {
                int verdict = filter(Arrays.copyOf(frame.frame(), length));
                if (frame.verdict() == XdpAction.DROP) {
                    assertThat(verdict).as("%s, first %d bytes", frame, length).isEqualTo(XdpAction.DROP);
                }
            }
        }
    }

    @Test
    void shouldDropAnAllowedSegmentUntilItsHeadersAreComplete() {
        FilterScene.allowList().fillJvm();
        byte[] frame = FilterCase.allowList().getFirst().frame();
        int headers = 14 + 20 + 20;

        for (int length = 0; length <= frame.length; length++) {
            int expected = length < headers ? XdpAction.DROP : XdpAction.PASS;
            assertThat(filter(Arrays.copyOf(frame, length)))
                    .as("first %d bytes", length)
                    .isEqualTo(expected);
        }
    }

    @Test
    void shouldCountEveryVerdictOnceAndByReason() {
        FilterScene.allowList().fillJvm();
        FilterCase.allowList().forEach(frame -> filter(frame.frame()));
        filter(new byte[3]);

        assertThat(counter(TrafficCounter.FILTER_PASSED)).isEqualTo(11);
        assertThat(counter(TrafficCounter.FILTER_DENIED)).isEqualTo(1);
        assertThat(counter(TrafficCounter.FILTER_NOT_ALLOWED)).isEqualTo(15);
        assertThat(counter(TrafficCounter.FILTER_MALFORMED)).isEqualTo(6);
        assertThat(FilterCase.allowList())
                .as("with what is not judged: tags, ARP, neighbours")
                .hasSize(11 + 1 + 15 + 5 + 4);
    }

    @Test
    void shouldTellTheFirstDropsAndThenOneInAThousand() {
        FilterScene.denyList().fillJvm();
        byte[] denied = FilterCase.denyList().getFirst().frame();

        for (int i = 0; i < 2048; i++) {
            filter(denied);
        }

        FilterSample sample = FilterMaps.FILTER_SAMPLES.records().getFirst();
        assertThat(FilterMaps.FILTER_SAMPLES.records()).hasSize(64 + 2).containsOnly(sample);
        assertThat(sample.word3()).isEqualTo(Frames.ipv4Word("10.1.2.3"));
        assertThat(sample.port()).isEqualTo(443);
        assertThat(sample.reason()).isEqualTo(TrafficCounter.FILTER_DENIED);
    }

    @Test
    void shouldCountSamplesThatFoundNoRoom() {
        FilterScene.denyList().fillJvm();
        List<FilterSample> full = FilterMaps.FILTER_SAMPLES.records();
        for (int i = 0; i < 1024; i++) {
            full.add(new FilterSample(0, 0, 0, 0, 0, 0));
        }

        filter(FilterCase.denyList().getFirst().frame());

        assertThat(counter(TrafficCounter.FILTER_SAMPLES_LOST)).isEqualTo(1);
    }

    @Test
    void shouldLetEachSourceOpenOneSecondsWorthAtOnce() {
        FilterScene.portsOnly().fillJvm();
        KernelMaps.CONFIG.values().set(Setting.ALLOW_LIST, new U32());
        KernelMaps.CONFIG.values().set(Setting.SYN_INTERVAL, new U32(SECOND / 4));
        byte[] syn = FilterCase.ports().getFirst().frame();

        List<Integer> verdicts =
                IntStream.range(0, 6).mapToObj(_ -> filter(syn)).toList();

        assertThat(verdicts.subList(0, 4)).containsOnly(XdpAction.PASS);
        assertThat(verdicts.subList(4, 6)).containsOnly(XdpAction.DROP);
        assertThat(counter(TrafficCounter.FILTER_SYN_RATE)).isEqualTo(2);
        assertThat(FilterMaps.SYN_BUDGETS.entries()).hasSize(1);
    }

    /** A SYN-ACK answers a connection that this host has asked for. */
    @Test
    void shouldCountNoSegmentsButThoseThatAskForAConnection() {
        FilterScene.portsOnly().fillJvm();
        KernelMaps.CONFIG.values().set(Setting.ALLOW_LIST, new U32());
        KernelMaps.CONFIG.values().set(Setting.SYN_INTERVAL, new U32(SECOND));

        for (int flags : List.of(TcpSegment.SYN | TcpSegment.ACK, TcpSegment.ACK, TcpSegment.RST, TcpSegment.FIN)) {
            assertThat(filter(segment(flags))).isEqualTo(XdpAction.PASS);
        }
        assertThat(filter(segment(TcpSegment.SYN))).isEqualTo(XdpAction.PASS);
        assertThat(filter(segment(TcpSegment.SYN | TcpSegment.ACK))).isEqualTo(XdpAction.PASS);
        assertThat(filter(segment(TcpSegment.SYN))).isEqualTo(XdpAction.DROP);
    }

    private static byte[] segment(int flags) {
        byte[] none = new byte[0];
        byte[] segment = Frames.tcp(40_000, 443, 1, 0, flags, 65_000, none, none);
        return Frames.ethernet(Frames.IPV4, Frames.ipv4("192.0.2.7", "10.0.0.9", Frames.TCP, segment));
    }

    @Test
    void shouldEarnATokenWithTime() {
        long interval = SECOND;
        long source = SourceKey.ipv4(7);
        assertThat(SynBudget.take(source, interval)).isTrue();
        now += interval - 1;
        assertThat(SynBudget.take(source, interval)).isFalse();
        now++;
        assertThat(SynBudget.take(source, interval)).isTrue();
        assertThat(SynBudget.take(source, interval)).isFalse();
        assertThat(SynBudget.take(SourceKey.ipv4(8), interval))
                .as("another source")
                .isTrue();
    }

    @Test
    void shouldKeepTheRulesOfTheKernelOnRandomFrames() {
        Random random = new Random(4_711);
        for (FilterCase.Table table : FilterCase.tables()) {
            table.scene().fillJvm();
            for (int round = 0; round < 10_000; round++) {
                byte[] frame = mutated(table, random);
                assertThat(filter(Arrays.copyOf(frame, random.nextInt(frame.length + 1))))
                        .isIn(XdpAction.PASS, XdpAction.DROP);
            }
        }
    }

    /** A frame of the table with up to three of its header bytes changed. */
    static byte[] mutated(FilterCase.Table table, Random random) {
        List<FilterCase> cases = table.cases();
        byte[] frame = cases.get(random.nextInt(cases.size())).frame().clone();
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            frame[random.nextInt(Math.min(frame.length, 80))] = (byte) random.nextInt();
        }
        return frame;
    }

    private static int filter(byte[] frame) {
        return XdpIpFilter.filter(XdpContext.ofFrame(frame));
    }

    private static long counter(int index) {
        return KernelMaps.TRAFFIC_STATS.values().get(index).value;
    }
}
