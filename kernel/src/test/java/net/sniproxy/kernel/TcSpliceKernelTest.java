package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.testing.KernelTest;
import net.sniproxy.kernel.SpliceModel.Block;
import net.sniproxy.kernel.SpliceModel.Said;
import net.sniproxy.kernel.SpliceTwins.Arrival;
import net.sniproxy.kernel.SpliceTwins.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the splice does to frames, maps and events in the kernel is what it does on the JVM. */
@KernelTest
class TcSpliceKernelTest {
    private static final int ROUNDS = 8_000;
    /** Segments that one splice sees. */
    private static final int SEGMENTS = 20;

    /** No more fits into a page, which is what the kernel test-runs on. */
    private static final int LARGEST_PAYLOAD = 3_000;

    private static SpliceTwins twins;

    @BeforeAll
    static void load() {
        twins = new SpliceTwins();
    }

    @AfterAll
    static void close() {
        twins.close();
    }

    /** Frames of every shape, of a flow that is known: VLAN tags, IP options and extensions, fragments, malformed headers. */
    @ParameterizedTest
    @EnumSource(Arrival.class)
    void shouldDoTheSameWithFramesOfEveryShapeAndEveryTruncation(Arrival arrival) {
        for (TcpSegmentTest.Case shape : TcpSegmentTest.cases()) {
            boolean ipv6 = shape.name().startsWith("IPv6");
            for (int length = KernelRun.shortest(shape.frame()); length <= shape.frame().length; length++) {
                twins.install(ofShapes(ipv6));
                compare(Arrays.copyOf(shape.frame(), length), arrival);
            }
        }
    }

    @Test
    void shouldSendOnWhatItCanRewriteAndLeaveTheRestToTheStack() {
        for (TcpSegmentTest.Case shape : TcpSegmentTest.cases()) {
            twins.install(ofShapes(shape.name().startsWith("IPv6")));
            // Behind a tag that is still in the frame there is no flow.
            boolean known =
                    shape.result() == TcpSegment.OK && !List.of("VLAN", "QinQ").contains(shape.name());

            assertThat(compare(shape.frame(), Arrival.PLAIN).verdict())
                    .as(shape.name())
                    .isEqualTo(known ? TcAction.REDIRECT : TcAction.UNSPEC);
        }
    }

    @Test
    void shouldTakeTheTagOffWhatItSendsOnAndLeaveItOnTheRest() {
        byte[] frame = TcpSegmentTest.cases().getFirst().frame();
        twins.install(ofShapes(false));
        Outcome sentOn = compare(frame, Arrival.TAGGED);
        assertThat(sentOn.verdict()).isEqualTo(TcAction.REDIRECT);
        assertThat(sentOn.tagged()).isFalse();

        twins.install(ofShapes(true));
        Outcome foreign = compare(frame, Arrival.TAGGED);
        assertThat(foreign.verdict()).isEqualTo(TcAction.UNSPEC);
        assertThat(foreign.tagged()).isTrue();
        assertThat(foreign.frame()).isEqualTo(HexFormat.of().formatHex(frame));
    }

    /** Segments of random splices in every state, some of them cut, changed, tagged or joined. */
    @Test
    void shouldDoTheSameWithRandomSegmentsOfRandomSplices() {
        Random random = new Random(4_711);
        Map<Integer, Integer> verdicts = new TreeMap<>();
        int told = 0;
        for (int round = 0; round < ROUNDS / SEGMENTS; round++) {
            SpliceModel model = new SpliceModel(random);
            twins.install(randomly(model, random));
            for (int i = 0; i < SEGMENTS; i++) {
                byte[] frame = spoilt(frame(model, random), random);
                Arrival arrival = Arrival.values()[random.nextInt(Arrival.values().length)];
                Outcome outcome = compare(frame, arrival);
                verdicts.merge(outcome.verdict(), 1, Integer::sum);
                told += outcome.events().size();
            }
        }
        assertThat(verdicts).containsOnlyKeys(TcAction.UNSPEC, TcAction.SHOT, TcAction.REDIRECT);
        assertThat(verdicts.values()).as(verdicts.toString()).allMatch(count -> count > ROUNDS / 20);
        assertThat(told).isGreaterThan(100);
    }

    private static Outcome compare(byte[] frame, Arrival arrival) {
        Outcome inKernel = twins.inKernel(frame, arrival);

        assertThat(inKernel)
                .as(() -> arrival + " " + HexFormat.of().formatHex(frame))
                .isEqualTo(twins.onJvm(frame, arrival));
        return inKernel;
    }

    /** A splice to which the frames of {@link TcpSegmentTest#cases} belong. */
    private static SplicePlan ofShapes(boolean ipv6) {
        Random random = new Random(3);
        SpliceModel model = new SpliceModel(
                random,
                SpliceModel.end(random, ipv6 ? "fd00::2" : "10.0.0.2", 40_000),
                SpliceModel.end(random, ipv6 ? "fd00::1" : "10.0.0.1", 443));
        SplicePlan plan = model.plan(System.nanoTime());
        plan.splice().state = Splice.SPLICED;
        return plan;
    }

    private static SplicePlan randomly(SpliceModel model, Random random) {
        SplicePlan plan = model.plan(System.nanoTime());
        plan.splice().state = random.nextBoolean() ? Splice.ARMED : random.nextInt(Splice.ARMED, Splice.REVOKED + 1);
        for (Flow flow : List.of(plan.up(), plan.down())) {
            flow.flags = random.nextInt(8);
        }
        for (SpliceDirection direction : List.of(plan.splice().up, plan.splice().down)) {
            direction.state = random.nextInt(16);
            direction.timestampOffset = random.nextInt();
        }
        return plan;
    }

    private static byte[] frame(SpliceModel model, Random random) {
        List<Block> blocks = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            blocks.add(new Block(random.nextInt(), random.nextInt()));
        }
        int flags = random.nextInt(6) == 0 ? random.nextInt(256) : TcpSegment.ACK;
        int near = 2 * model.helloBytes + 100;
        int at = random.nextInt(near);
        if ((flags & TcpSegment.SYN) != 0 && random.nextBoolean()) {
            at = -1; // The number before the first byte is the SYN's own.
        } else if ((flags & TcpSegment.RST) != 0 && random.nextBoolean()) {
            at = model.helloBytes; // Where an RST of the client counts.
        }
        Said said = new Said(
                flags,
                random.nextInt(16),
                at,
                random.nextInt(near),
                random.nextInt(1 << 20),
                random.nextInt(100_000),
                random.nextInt(1_000) - 100,
                blocks,
                new byte[random.nextInt(random.nextInt(4) == 0 ? LARGEST_PAYLOAD : 200)]);
        return random.nextBoolean() ? model.fromClient(said) : model.fromUpstream(said);
    }

    /** Most frames stay as they are; some lose their end or have bytes changed, the headers' more often. */
    private static byte[] spoilt(byte[] frame, Random random) {
        byte[] spoilt = frame.clone();
        switch (random.nextInt(8)) {
            case 0 -> {
                int shortest = KernelRun.shortest(frame);
                return Arrays.copyOf(spoilt, shortest + random.nextInt(frame.length - shortest));
            }
            case 1, 2 -> {
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    spoilt[14 + random.nextInt(Math.min(frame.length - 14, 90))] = (byte) random.nextInt();
                }
            }
            default -> {}
        }
        return spoilt;
    }
}
