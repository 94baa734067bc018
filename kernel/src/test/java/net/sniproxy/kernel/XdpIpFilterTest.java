package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The source filter as it runs on the JVM. */
class XdpIpFilterTest {
    private static final int ETHERNET = 14;
    private static final int IPV4_SOURCE_END = ETHERNET + 20;

    @BeforeEach
    void allowSources() {
        fillMaps();
    }

    @AfterEach
    void clearMaps() {
        emptyMaps();
    }

    static void fillMaps() {
        KernelMaps.CONFIG.values().get(Setting.ALLOW_LIST).value = 1;
        FilterCase.addresses().forEach((key, value) -> KernelMaps.IP_WHITELIST.update(key, value, 0));
        FilterCase.ipv4Blocks().forEach((key, value) -> KernelMaps.ALLOW_IPV4.update(key, value, 0));
        FilterCase.ipv6Blocks().forEach((key, value) -> KernelMaps.ALLOW_IPV6.update(key, value, 0));
    }

    static void emptyMaps() {
        KernelMaps.CONFIG.clear();
        KernelMaps.TRAFFIC_STATS.clear();
        KernelMaps.IP_WHITELIST.entries().clear();
        KernelMaps.ALLOW_IPV4.entries().clear();
        KernelMaps.ALLOW_IPV6.entries().clear();
    }

    static List<FilterCase> cases() {
        return FilterCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldJudgeBySource(FilterCase frame) {
        assertThat(filter(frame.frame())).isEqualTo(frame.verdict());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldPassEverythingWhileTheListIsOff(FilterCase frame) {
        KernelMaps.CONFIG.clear();

        assertThat(filter(frame.frame())).isEqualTo(XdpAction.PASS);
        assertThat(counter(TrafficCounter.FILTER_PASSED)).isZero();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldNeverPassATruncationOfADroppedFrame(FilterCase frame) {
        for (int length = 0; length < frame.frame().length; length++) {
            int verdict = filter(Arrays.copyOf(frame.frame(), length));
            if (frame.verdict() == XdpAction.DROP) {
                assertThat(verdict).as("first %d bytes", length).isEqualTo(XdpAction.DROP);
            }
        }
    }

    @Test
    void shouldDropAnAllowedFrameUntilItsSourceIsComplete() {
        byte[] frame = FilterCase.all().getFirst().frame();
        for (int length = 0; length < frame.length; length++) {
            int expected = length < IPV4_SOURCE_END ? XdpAction.DROP : XdpAction.PASS;
            assertThat(filter(Arrays.copyOf(frame, length)))
                    .as("first %d bytes", length)
                    .isEqualTo(expected);
        }
    }

    @Test
    void shouldCountEveryVerdictOnceAndByReason() {
        for (FilterCase frame : FilterCase.all()) {
            filter(frame.frame());
        }
        filter(new byte[3]);

        long passed = FilterCase.all().stream()
                .filter(frame -> frame.verdict() == XdpAction.PASS)
                .count();
        long dropped = counter(TrafficCounter.FILTER_NOT_ALLOWED) + counter(TrafficCounter.FILTER_MALFORMED);
        assertThat(counter(TrafficCounter.FILTER_PASSED)).isEqualTo(passed);
        assertThat(dropped).isEqualTo(FilterCase.all().size() + 1 - passed);
        assertThat(counter(TrafficCounter.FILTER_MALFORMED)).isEqualTo(5);
    }

    @Test
    void shouldKeepTheRulesOfTheKernelOnRandomFrames() {
        Random random = new Random(4_711);
        List<FilterCase> cases = FilterCase.all();
        for (int round = 0; round < 20_000; round++) {
            byte[] frame = cases.get(random.nextInt(cases.size())).frame().clone();
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            frame = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
            assertThat(filter(frame)).isIn(XdpAction.PASS, XdpAction.DROP);
        }
    }

    private static int filter(byte[] frame) {
        return XdpIpFilter.filter(XdpContext.ofFrame(frame));
    }

    private static long counter(int index) {
        return KernelMaps.TRAFFIC_STATS.values().get(index).value;
    }
}
