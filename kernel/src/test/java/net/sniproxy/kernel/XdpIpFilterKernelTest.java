package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The source filter in the kernel judges as it does on the JVM. */
@KernelTest
class XdpIpFilterKernelTest {
    /** The kernel runs no frame that is shorter than an Ethernet header. */
    private static final int SHORTEST = 14;

    private static final int ROUNDS = 10_000;
    private static final int SECOND = 1_000_000_000;

    @AfterEach
    void clear() {
        FilterScene.clearJvm();
    }

    static List<FilterCase.Table> tables() {
        return FilterCase.tables();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void shouldJudgeTheTableAndEveryTruncationAsTheJvmDoes(FilterCase.Table table) {
        try (KernelRun kernel = load(table.scene())) {
            for (FilterCase frame : table.cases()) {
                assertThat(run(kernel, frame.frame())).as(frame.name()).isEqualTo(frame.verdict());
                assertThat(onJvm(frame.frame())).as(frame.name()).isEqualTo(frame.verdict());
                for (int length = SHORTEST; length < frame.frame().length; length++) {
                    byte[] cut = Arrays.copyOf(frame.frame(), length);
                    assertThat(run(kernel, cut))
                            .as("%s, first %d bytes", frame, length)
                            .isEqualTo(onJvm(cut));
                }
            }
            assertSameCounters(kernel);
        }
    }

    @ParameterizedTest
    @MethodSource("tables")
    void shouldJudgeRandomFramesAsTheJvmDoes(FilterCase.Table table) {
        Random random = new Random(20_251);
        int passed = 0;
        try (KernelRun kernel = load(table.scene())) {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] frame = XdpIpFilterTest.mutated(table, random);
                int verdict = onJvm(frame);
                assertThat(run(kernel, frame)).as("round %d", round).isEqualTo(verdict);
                passed += verdict == XdpAction.PASS ? 1 : 0;
            }
        }
        assertThat(passed).as("both verdicts are met often").isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
    }

    @Test
    void shouldLimitTheConnectionsOfEachSource() {
        byte[] syn = FilterCase.ports().getFirst().frame();
        byte[] other = syn.clone();
        other[29]++;
        try (KernelRun kernel = load(FilterScene.portsOnly())) {
            kernel.map("CONFIG", Codec.u32(), Codec.u32())
                    .updateAll(Map.of(Setting.ALLOW_LIST, 0, Setting.SYN_INTERVAL, SECOND));
            var budgets = kernel.map("SYN_BUDGETS", Codec.u64(), Codec.u64());
            long before = System.nanoTime();

            assertThat(run(kernel, syn)).isEqualTo(XdpAction.PASS);
            assertThat(budgets.lookup(sourceOf(syn)).orElseThrow())
                    .isBetween(before + SECOND, System.nanoTime() + SECOND);
            // An hour, since the kernel's clock goes on while a test is kept waiting.
            budgets.update(sourceOf(syn), before + 3_600L * SECOND);
            assertThat(run(kernel, syn)).isEqualTo(XdpAction.DROP);
            assertThat(run(kernel, other)).isEqualTo(XdpAction.PASS);
            budgets.update(sourceOf(syn), 1L);
            assertThat(run(kernel, syn)).as("a second later").isEqualTo(XdpAction.PASS);
        }
    }

    private static long sourceOf(byte[] frame) {
        return SourceKey.ipv4(Frames.inMemory(Arrays.copyOfRange(frame, 26, 30)));
    }

    private static KernelRun load(FilterScene scene) {
        KernelRun kernel = KernelRun.of(XdpIpFilter.class);
        scene.fillKernel(kernel);
        scene.fillJvm();
        return kernel;
    }

    private static void assertSameCounters(KernelRun kernel) {
        long judged = 0;
        for (int counter : List.of(
                TrafficCounter.FILTER_PASSED,
                TrafficCounter.FILTER_NOT_ALLOWED,
                TrafficCounter.FILTER_DENIED,
                TrafficCounter.FILTER_DENIED_FOR_A_TIME,
                TrafficCounter.FILTER_MALFORMED)) {
            long inKernel = PerCpuMap.of(kernel.object().map("TRAFFIC_STATS"), Codec.u32(), Codec.u64())
                    .lookup(counter)
                    .orElseThrow()
                    .stream()
                    .mapToLong(Long::longValue)
                    .sum();
            long onJvm = KernelMaps.TRAFFIC_STATS.values().get(counter).value;
            assertThat(inKernel).as("counter %d", counter).isEqualTo(onJvm);
            judged += inKernel;
        }
        assertThat(judged).isPositive();
    }

    private static int run(KernelRun kernel, byte[] frame) {
        return kernel.run("xdp_ip_filter", frame).returnValue();
    }

    private static int onJvm(byte[] frame) {
        return XdpIpFilter.filter(XdpContext.ofFrame(frame));
    }
}
