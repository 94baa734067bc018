package net.sniproxy.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.bpf.program.TestResult;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.ring.RingBuffer;

/** One splice in the maps of the running kernel and in those of the JVM, and a frame that meets both. */
final class SpliceTwins implements AutoCloseable {
    private static final long ID = 1;
    /** How long ago the last tick may be: far longer than usual, since a host may keep the CPU that counts them for itself. */
    private static final long TICK_NANOS = 10_000_000_000L;

    private static final long NANOS_PER_MILLI = 1_000_000;
    /** Of {@code struct __sk_buff}. */
    private static final int CONTEXT_BYTES = 192;

    private static final int MARK = 8;
    private static final int GSO_SEGMENTS = 164;
    private static final int GSO_SIZE = 176;
    private static final List<Integer> COUNTERS = List.of(
            TrafficCounter.BYTES_SENT,
            TrafficCounter.BYTES_RECEIVED,
            TrafficCounter.PACKETS_SENT,
            TrafficCounter.PACKETS_RECEIVED);

    /** How the frame arrives. */
    enum Arrival {
        PLAIN,
        /** On a VLAN, the tag beside the packet. */
        TAGGED,
        /** As one of those that GRO has joined from many. */
        JOINED
    }

    /**
     * What has become of a frame and of the maps.
     *
     * @param verdict a TC action
     * @param tagged whether a VLAN tag is left
     * @param frame in hex
     * @param maps the entries, and what was added to the counters
     * @param events in order
     */
    record Outcome(int verdict, boolean tagged, String frame, String maps, List<SpliceEvent> events) {}

    private final KernelRun kernel = KernelRun.of(TcSplice.class, TaggedSplice.class);
    private final TypedMap<FlowKey, Flow> flows = kernel.map("FLOWS", Codec.of(FlowKey.class), Codec.of(Flow.class));
    private final TypedMap<Long, Splice> splices = kernel.map("SPLICES", Codec.u64(), Codec.of(Splice.class));
    private final TypedMap<Long, ConnectionStats> stats =
            kernel.map("CONNECTION_STATS", Codec.u64(), Codec.of(ConnectionStats.class));
    private final PerCpuMap<Integer, Long> counters =
            PerCpuMap.of(kernel.object().map("TRAFFIC_STATS"), Codec.u32(), Codec.u64());
    private final RingBuffer events =
            RingBuffer.open(Kernel.running(), kernel.object().map("SPLICE_EVENTS"));
    private SplicePlan plan = new SpliceModel(new java.util.Random(0)).plan(0);

    /** Replaces the splice of both. */
    void install(SplicePlan next) {
        flows.deleteAll(List.of(plan.upKey(), plan.downKey()));
        clearJvm();
        plan = next;
        SpliceTranslationTest.install(plan);
        KernelMaps.CONNECTION_STATS.update(ID, new ConnectionStats(), 0);
        flows.updateAll(Map.of(plan.upKey(), plan.up(), plan.downKey(), plan.down()));
    }

    /** The splice as it is now, on the JVM. */
    Splice splice() {
        return SpliceMaps.SPLICES.entries().get(ID);
    }

    /** Runs the program in the kernel: what it starts from is what the JVM has, which stays as it is. */
    Outcome inKernel(byte[] frame, Arrival arrival) {
        while (true) {
            splices.update(ID, splice());
            stats.update(ID, KernelMaps.CONNECTION_STATS.entries().get(ID));
            List<Long> before = COUNTERS.stream().map(this::counted).toList();
            long from = System.nanoTime();
            TestResult result = kernel.run(program(arrival), test(frame, arrival));
            long to = System.nanoTime();
            // Timestamps count in milliseconds: both must have seen the same one.
            if (millisSinceArming(from) == millisSinceArming(to)) {
                net.sniproxy.bpf.compiler.lang.Kernel.setClock(() -> from);
                return outcome(result, before, from, to);
            }
            events.poll(record -> {});
        }
    }

    /** Runs the program on the JVM, at the moment of the last run in the kernel. */
    Outcome onJvm(byte[] frame, Arrival arrival) {
        KernelMaps.TRAFFIC_STATS.clear();
        SpliceMaps.SPLICE_EVENTS.records().clear();
        TcContext packet = TcContext.ofFrame(frame);
        int verdict = arrival == Arrival.TAGGED ? TaggedSplice.splice(packet) : TcSplice.splice(packet);
        List<Long> added = COUNTERS.stream()
                .map(counter -> KernelMaps.TRAFFIC_STATS.values().get(counter).value)
                .toList();
        return new Outcome(
                verdict,
                packet.mark() != 0,
                HexFormat.of().formatHex(packet.frame()),
                maps(
                        SpliceMaps.FLOWS.entries().get(plan.upKey()),
                        SpliceMaps.FLOWS.entries().get(plan.downKey()),
                        splice(),
                        KernelMaps.CONNECTION_STATS.entries().get(ID),
                        added),
                List.copyOf(SpliceMaps.SPLICE_EVENTS.records()));
    }

    private Outcome outcome(TestResult result, List<Long> before, long from, long to) {
        List<Long> added = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            added.add(counted(COUNTERS.get(i)) - before.get(i));
        }
        Splice after = splices.lookup(ID).orElseThrow();
        // The kernel's coarse clock is that of the last tick.
        if (after.lastMoved >= from - TICK_NANOS && after.lastMoved <= to && after.lastMoved != splice().lastMoved) {
            after.lastMoved = from;
        }
        List<SpliceEvent> told = new ArrayList<>();
        Codec<SpliceEvent> codec = Codec.of(SpliceEvent.class);
        events.poll(record -> told.add(codec.read(record, 0)));
        return new Outcome(
                result.returnValue(),
                ByteBuffer.wrap(result.context()).order(ByteOrder.nativeOrder()).getInt(MARK) != 0,
                HexFormat.of().formatHex(result.data()),
                maps(
                        flows.lookup(plan.upKey()).orElseThrow(),
                        flows.lookup(plan.downKey()).orElseThrow(),
                        after,
                        stats.lookup(ID).orElseThrow(),
                        added),
                told);
    }

    private static String maps(Flow up, Flow down, Splice splice, ConnectionStats stats, List<Long> counted) {
        return String.join(
                "\n", Fields.text(up), Fields.text(down), Fields.text(splice), Fields.text(stats), counted.toString());
    }

    private long counted(int counter) {
        return counters.lookup(counter).orElseThrow().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private int millisSinceArming(long now) {
        return (int) Long.divideUnsigned(now - splice().armedAt, NANOS_PER_MILLI);
    }

    private static String program(Arrival arrival) {
        return arrival == Arrival.TAGGED ? "tagged_splice" : "tc_splice";
    }

    private static TestRun test(byte[] frame, Arrival arrival) {
        ByteBuffer context = ByteBuffer.allocate(CONTEXT_BYTES).order(ByteOrder.nativeOrder());
        if (arrival == Arrival.JOINED) {
            context.putInt(GSO_SEGMENTS, 3).putInt(GSO_SIZE, 500);
        }
        return TestRun.onPacket(frame).withContext(context.array());
    }

    private static void clearJvm() {
        SpliceMaps.FLOWS.entries().clear();
        SpliceMaps.SPLICES.entries().clear();
        KernelMaps.CONNECTION_STATS.entries().clear();
    }

    @Override
    public void close() {
        clearJvm();
        KernelMaps.TRAFFIC_STATS.clear();
        SpliceMaps.SPLICE_EVENTS.records().clear();
        net.sniproxy.bpf.compiler.lang.Kernel.setClock(System::nanoTime);
        events.close();
        kernel.close();
    }
}
