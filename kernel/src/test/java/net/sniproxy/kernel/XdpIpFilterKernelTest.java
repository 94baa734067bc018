package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The source filter in the kernel judges as it does on the JVM. */
@KernelTest
class XdpIpFilterKernelTest {
    /** The kernel runs no frame that is shorter than an Ethernet header. */
    private static final int SHORTEST = 14;

    private static KernelRun kernel;

    @BeforeAll
    static void load() {
        kernel = KernelRun.of(XdpIpFilter.class);
        kernel.map("CONFIG", Codec.u32(), Codec.u32()).update(Setting.ALLOW_LIST, 1);
        kernel.map("IP_WHITELIST", Codec.u32(), Codec.of(U8.class)).updateAll(FilterCase.addresses());
        kernel.map("ALLOW_IPV4", Codec.of(Ipv4Prefix.class), Codec.of(U8.class)).updateAll(FilterCase.ipv4Blocks());
        kernel.map("ALLOW_IPV6", Codec.of(Ipv6Prefix.class), Codec.of(U8.class)).updateAll(FilterCase.ipv6Blocks());
        XdpIpFilterTest.fillMaps();
    }

    @AfterAll
    static void close() {
        kernel.close();
        XdpIpFilterTest.emptyMaps();
    }

    @Test
    void shouldJudgeTheTableAsWritten() {
        for (FilterCase frame : FilterCase.all()) {
            assertThat(inKernel(frame.frame())).as(frame.name()).isEqualTo(frame.verdict());
        }
    }

    @Test
    void shouldJudgeEveryTruncationAsTheJvmDoes() {
        for (FilterCase frame : FilterCase.all()) {
            for (int length = SHORTEST; length < frame.frame().length; length++) {
                byte[] cut = Arrays.copyOf(frame.frame(), length);
                assertThat(inKernel(cut))
                        .as("%s, first %d bytes", frame, length)
                        .isEqualTo(onJvm(cut));
            }
        }
    }

    @Test
    void shouldJudgeRandomFramesAsTheJvmDoes() {
        Random random = new Random(20_251);
        List<FilterCase> cases = FilterCase.all();
        int passed = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] frame = cases.get(random.nextInt(cases.size())).frame().clone();
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                frame[random.nextInt(Math.min(frame.length, 40))] = (byte) random.nextInt();
            }
            int verdict = onJvm(frame);
            assertThat(inKernel(frame)).as("round %d", round).isEqualTo(verdict);
            passed += verdict == XdpAction.PASS ? 1 : 0;
        }
        assertThat(passed).as("both verdicts are met often").isBetween(2_000, 18_000);
    }

    private static int inKernel(byte[] frame) {
        return kernel.run("xdp_ip_filter", frame).returnValue();
    }

    private static int onJvm(byte[] frame) {
        return XdpIpFilter.filter(XdpContext.ofFrame(frame));
    }
}
