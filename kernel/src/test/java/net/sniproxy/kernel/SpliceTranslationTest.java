package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.sniproxy.bpf.compiler.lang.TcAction;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.kernel.SpliceModel.Block;
import net.sniproxy.kernel.SpliceModel.Said;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The translation, as it runs on the JVM, against a model that knows nothing of differences. */
class SpliceTranslationTest {
    private static final int CASES = 300;
    private static final int SEGMENTS = 20;
    private static final int STREAM = 1 << 20;

    static List<Long> seeds() {
        return new Random(7).longs(CASES).boxed().toList();
    }

    @AfterEach
    void forget() {
        SpliceMaps.FLOWS.entries().clear();
        SpliceMaps.SPLICES.entries().clear();
        SpliceMaps.SPLICE_EVENTS.records().clear();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldSayOnOneLegWhatWasSaidOnTheOther(long seed) {
        Random random = new Random(seed);
        SpliceModel model = new SpliceModel(random);
        SplicePlan plan = model.plan(System.nanoTime());
        plan.splice().state = Splice.SPLICED;
        if (!model.sack) {
            plan.up().flags &= ~Flow.SACK;
            plan.down().flags &= ~Flow.SACK;
        }
        install(plan);
        Splice splice = SpliceMaps.SPLICES.lookup(1L);

        for (int i = 0; i < SEGMENTS; i++) {
            boolean up = random.nextBoolean();
            SpliceDirection other = up ? splice.down : splice.up;
            int windowScale = (up ? model.client : model.upstream).windowScale();
            Said said = said(random, model.helloBytes, windowScale);
            TcContext packet = TcContext.ofFrame(up ? model.fromClient(said) : model.fromUpstream(said));

            assertThat(TcSplice.splice(packet)).isEqualTo(TcAction.REDIRECT);

            // The offset of a clock is chosen at the first packet; where that lies is another test's business.
            int clock = (up
                    ? splice.up.timestampOffset + model.client.clock()
                    : splice.down.timestampOffset + model.upstream.clock());
            Said heard = echoOnTheOtherClock(said, other, up, model);
            assertThat(packet.frame()).isEqualTo(up ? model.toUpstream(heard, clock) : model.toClient(heard, clock));
        }
    }

    /** Who forged it, or has forgotten the connection, is for the upstream to find out: it is sent on, and is in no book. */
    @ParameterizedTest
    @MethodSource("seeds")
    void shouldAskTheUpstreamWhatASynMeans(long seed) {
        Random random = new Random(seed);
        SpliceModel model = new SpliceModel(random);
        SplicePlan plan = model.plan(System.nanoTime());
        plan.splice().state = Splice.SPLICED;
        plan.splice().up.state = SpliceDirection.TIMESTAMPS_KNOWN;
        install(plan);
        String before = Fields.text(SpliceMaps.SPLICES.lookup(1L));
        int at = random.nextInt();
        // Bytes may come with it (TCP Fast Open, RFC 7413).
        byte[] early = new byte[random.nextInt(2) * random.nextInt(1_400)];
        Said said = new Said(TcpSegment.SYN, 0, at, 0, random.nextInt(65_536), 0, Said.NOTHING, List.of(), early);
        TcContext packet = TcContext.ofFrame(model.fromClient(said));

        assertThat(TcSplice.splice(packet)).isEqualTo(TcAction.REDIRECT);

        TcpSegment sent = new TcpSegment();
        assertThat(sent.parse(packet)).isEqualTo(TcpSegment.OK);
        assertThat(sent.flags).isEqualTo(TcpSegment.SYN);
        assertThat(sent.sequence).isEqualTo(model.upstreamSide.initialSequence() + 1 + model.prefix + at);
        assertThat(Fields.text(SpliceMaps.SPLICES.lookup(1L))).isEqualTo(before);
        assertThat(SpliceMaps.SPLICE_EVENTS.records()).isEmpty();
    }

    /**
     * What is echoed is known by the clock of the leg it was sent on: the proxy's own there, the peer's here. Nothing is echoed
     * while the peer's is not known.
     */
    private static Said echoOnTheOtherClock(Said said, SpliceDirection other, boolean up, SpliceModel model) {
        int proxyClock = up ? model.clientSide.clock() : model.upstreamSide.clock();
        int peerClock = up ? model.upstream.clock() : model.client.clock();
        boolean known = other.has(SpliceDirection.TIMESTAMPS_KNOWN);
        int moved = known ? proxyClock + said.echoed() - other.timestampOffset - peerClock : Said.NOTHING;
        return new Said(
                said.flags(),
                said.trafficClass(),
                said.at(),
                said.acknowledged(),
                said.window(),
                said.elapsed(),
                moved,
                said.blocks(),
                said.payload());
    }

    /** @param windowScale the largest windows that the sender can announce have so many bits behind the first sixteen */
    private static Said said(Random random, int helloBytes, int windowScale) {
        List<Block> blocks = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int from = random.nextInt(STREAM);
            blocks.add(new Block(from, from + 1 + random.nextInt(3_000)));
        }
        byte[] payload = new byte[random.nextInt(1_400)];
        random.nextBytes(payload);
        int flags = TcpSegment.ACK | (random.nextInt(10) == 0 ? TcpSegment.FIN : 0) | random.nextInt(32) << 3;
        return new Said(
                flags,
                random.nextInt(16),
                helloBytes + random.nextInt(STREAM),
                random.nextInt(STREAM),
                random.nextInt(4) == 0 ? 0 : random.nextInt(65_536) << random.nextInt(windowScale + 1),
                random.nextInt(100_000),
                random.nextInt(1_000),
                blocks.size() > 3 ? blocks.subList(0, 3) : blocks,
                payload);
    }

    static void install(SplicePlan plan) {
        SpliceMaps.FLOWS.update(plan.upKey(), plan.up(), 0);
        SpliceMaps.FLOWS.update(plan.downKey(), plan.down(), 0);
        SpliceMaps.SPLICES.update(1L, plan.splice(), 0);
    }
}
