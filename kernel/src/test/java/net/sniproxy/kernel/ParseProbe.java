package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.ProgramType;

/** Shows what {@link TcpSegment} and {@link TcpOptions} read, in the kernel as on the JVM. */
final class ParseProbe {
    /** Not a result of {@link TcpSegment#parse}: the options contradict themselves. */
    static final int BAD_OPTIONS = 100;

    /** What was read. */
    @Struct
    static final class Found {
        @Unsigned
        int family;

        @Unsigned
        int offset;

        @Unsigned
        int payloadLength;

        @Unsigned
        int ports;

        @Unsigned
        int sequence;

        @Unsigned
        int acknowledgement;

        @Unsigned
        int flagsAndWindow;

        @Unsigned
        int timestamps;

        @Unsigned
        int sackBlocks;

        @Unsigned
        int sackCount;
    }

    @BpfMap(name = "FOUND", maxEntries = 1)
    static final BpfArray<Found> FOUND = BpfArray.of(1, Found::new);

    private ParseProbe() {}

    @BpfProgram(type = ProgramType.SCHED_CLS, name = "parse_probe")
    static int probe(TcContext context) {
        TcpSegment segment = new TcpSegment();
        int result = segment.parse(context);
        if (result != TcpSegment.OK) {
            return result;
        }
        TcpOptions options = new TcpOptions();
        if (!options.parse(context, segment.offset + 20, segment.headerLength - 20)) {
            return BAD_OPTIONS;
        }
        Found found = FOUND.lookup(0);
        if (found != null) {
            show(segment, options, found);
        }
        return TcpSegment.OK;
    }

    private static void show(TcpSegment segment, TcpOptions options, Found found) {
        found.family = segment.family;
        found.offset = segment.offset;
        found.payloadLength = segment.payloadLength;
        found.ports = segment.sourcePort << 16 | segment.destinationPort;
        found.sequence = segment.sequence;
        found.acknowledgement = segment.acknowledgement;
        found.flagsAndWindow = segment.flags << 16 | segment.window;
        found.timestamps = options.timestamps;
        found.sackBlocks = options.sackBlocks;
        found.sackCount = options.sackCount;
    }
}
