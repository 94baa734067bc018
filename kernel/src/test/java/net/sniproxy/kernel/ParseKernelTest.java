package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.testing.KernelTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The classifier reads the same from a frame in the kernel as on the JVM. */
@KernelTest
class ParseKernelTest {
    private static KernelRun kernel;
    private static TypedMap<Integer, ParseProbe.Found> found;

    @BeforeAll
    static void load() {
        kernel = KernelRun.of(ParseProbe.class);
        found = kernel.map("FOUND", Codec.u32(), Codec.of(ParseProbe.Found.class));
    }

    @AfterAll
    static void close() {
        kernel.close();
    }

    @Test
    void shouldReadEveryFrameAndEveryTruncationAsTheJvmDoes() {
        for (byte[] frame : frames()) {
            for (int length = KernelRun.shortest(frame); length <= frame.length; length++) {
                compare(Arrays.copyOf(frame, length));
            }
        }
    }

    @Test
    void shouldReadRandomFramesAsTheJvmDoes() {
        Random random = new Random(77);
        List<byte[]> frames = frames();
        int understood = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] frame = frames.get(random.nextInt(frames.size())).clone();
            for (int flips = random.nextInt(5); flips > 0; flips--) {
                frame[random.nextInt(Math.min(frame.length, 100))] = (byte) random.nextInt();
            }
            understood += compare(frame) == TcpSegment.OK ? 1 : 0;
        }
        assertThat(understood).isBetween(2_000, 18_000);
    }

    private static int compare(byte[] frame) {
        ParseProbe.FOUND.clear();
        found.update(0, new ParseProbe.Found());
        int segment = compare("parse_probe", frame, ParseProbe::probe);
        int result = segment == TcpSegment.OK ? compare("options_probe", frame, ParseProbe::probeOptions) : segment;

        assertThat(Fields.text(found.lookup(0).orElseThrow()))
                .as(() -> HexFormat.of().formatHex(frame))
                .isEqualTo(Fields.text(ParseProbe.FOUND.values().getFirst()));
        return result;
    }

    private static int compare(String program, byte[] frame, ToIntFunction<TcContext> onTheJvm) {
        int jvm = onTheJvm.applyAsInt(TcContext.ofFrame(frame));
        assertThat(kernel.run(program, frame).returnValue())
                .as(() -> program + " of " + HexFormat.of().formatHex(frame))
                .isEqualTo(jvm);
        return jvm;
    }

    private static List<byte[]> frames() {
        List<byte[]> frames = new ArrayList<>();
        TcpSegmentTest.cases().forEach(frame -> frames.add(frame.frame()));
        TcpSegmentTest.options().forEach(options -> frames.add(TcpSegmentTest.frame(options)));
        return frames;
    }
}
