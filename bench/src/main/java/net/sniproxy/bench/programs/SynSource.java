package net.sniproxy.bench.programs;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Kernel;
import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.U32;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpAction;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Makes a flood of one SYN: run on live frames, it gives each the next of many sources and ports and sends it out of an
 * interface, unless it is too early for one. For one CPU at a time.
 *
 * <p>The frame it runs on is Ethernet, IPv4 without options, TCP. The sums of its two headers are set, not changed: the kernel
 * uses the memory of a frame again, as the program left it.
 */
public final class SynSource {
    /** Index of {@link #PLAN}: the interface that frames leave by. */
    public static final int INTERFACE = 0;
    /** Index of {@link #PLAN}: how many sources, beginning with X.Y.0.1 where the frame's source is X.Y.0.0; below 65,536. */
    public static final int SOURCES = 1;
    /** Index of {@link #PLAN}: the sum of the IPv4 header's words, of a frame without source and sums. */
    public static final int IPV4_SUM = 2;
    /** Index of {@link #PLAN}: the sum of the TCP header's and pseudo header's words, likewise, and without source port. */
    public static final int TCP_SUM = 3;

    /** Index of {@link #PLAN}: nanoseconds between two SYNs, on average; 0: none is sent. */
    public static final int GAP = 4;

    /** Index of {@link #SENT}: how many were sent. */
    public static final int COUNT = 0;
    /** Index of {@link #SENT}: when the next one is due, {@link Kernel#nanoTime()}. */
    public static final int NEXT = 1;

    private static final int PLAN_ENTRIES = 5;
    /** Being late by more is not made up for. */
    private static final long MOST_BEHIND = 1_000_000;

    private static final int HEADERS = 54;
    private static final int IPV4_CHECKSUM = 24;
    private static final int SOURCE = 28;
    private static final int SOURCE_PORT = 34;
    private static final int TCP_CHECKSUM = 50;

    private static final int FIRST_PORT = 1024;
    private static final int PORTS = 64_000;

    /** What the caller wants. */
    @BpfMap(name = "PLAN", maxEntries = PLAN_ENTRIES)
    static final BpfArray<U32> PLAN = BpfArray.of(PLAN_ENTRIES, U32::new);

    /** {@link #COUNT} and {@link #NEXT}. */
    @BpfMap(name = "SENT", maxEntries = 2)
    static final BpfArray<U64> SENT = BpfArray.of(2, U64::new);

    private SynSource() {}

    @BpfProgram(type = ProgramType.XDP, name = "syn_source")
    static int send(XdpContext context) {
        Packet frame = context.data();
        U64 sent = SENT.lookup(COUNT);
        int sources = planned(SOURCES);
        if (sent == null || sources == 0 || !context.dataEnd().covers(frame, HEADERS)) {
            return XdpAction.ABORTED;
        }
        if (!isDue()) {
            return XdpAction.DROP;
        }
        long number = sent.value++;
        int source = 1 + (int) Long.remainderUnsigned(number, Integer.toUnsignedLong(sources));
        int port = FIRST_PORT
                + (int) Long.remainderUnsigned(Long.divideUnsigned(number, Integer.toUnsignedLong(sources)), PORTS);
        frame.setU16be(SOURCE, source);
        frame.setU16be(SOURCE_PORT, port);
        frame.setU16be(IPV4_CHECKSUM, folded(planned(IPV4_SUM) + source));
        frame.setU16be(TCP_CHECKSUM, folded(planned(TCP_SUM) + source + port));
        return Kernel.redirect(planned(INTERFACE), 0);
    }

    private static boolean isDue() {
        U64 next = SENT.lookup(NEXT);
        long now = Kernel.nanoTime();
        int gap = planned(GAP);
        if (gap == 0 || next == null || next.value - now > 0) {
            return false;
        }
        long from = now - next.value > MOST_BEHIND ? now : next.value;
        next.value = from + Integer.toUnsignedLong(gap);
        return true;
    }

    private static int planned(int index) {
        U32 value = PLAN.lookup(index);
        return value == null ? 0 : value.value;
    }

    private static int folded(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return ~((once & 0xffff) + (once >>> 16)) & 0xffff;
    }
}
