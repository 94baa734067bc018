package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.TcContext;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Shows what {@link TcpSegment} and {@link TcpOptions} read, in the kernel as on the JVM. Two programs: in one, the verifier
 * follows the options anew for each way through the headers, which is more than Linux 6.1 has patience for.
 */
final class ParseProbe {
    /** Not a result of {@link TcpSegment#parse}: the options contradict themselves. */
    static final int BAD_OPTIONS = 100;

    private static final int MIN_HEADER = 20;

    /** What was read. */
    @Struct
    static final class Found {
        @Unsigned
        int family;

        @Unsigned
        int offset;

        @Unsigned
        int headerLength;

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
        Found found = FOUND.lookup(0);
        if (found != null) {
            show(segment, found);
        }
        return TcpSegment.OK;
    }

    /** To be run behind the other, for the same frame, if that was {@link TcpSegment#OK}. */
    @BpfProgram(type = ProgramType.SCHED_CLS, name = "options_probe")
    static int probeOptions(TcContext context) {
        Found found = FOUND.lookup(0);
        if (found == null) {
            return BAD_OPTIONS;
        }
        TcpOptions options = new TcpOptions();
        if (!options.parse(context, found.offset + MIN_HEADER, found.headerLength - MIN_HEADER)) {
            return BAD_OPTIONS;
        }
        found.timestamps = options.timestamps;
        found.sackBlocks = options.sackBlocks;
        found.sackCount = options.sackCount;
        return TcpSegment.OK;
    }

    private static void show(TcpSegment segment, Found found) {
        found.family = segment.family;
        found.offset = segment.offset;
        found.headerLength = segment.headerLength;
        found.payloadLength = segment.payloadLength;
        found.ports = segment.sourcePort << 16 | segment.destinationPort;
        found.sequence = segment.sequence;
        found.acknowledgement = segment.acknowledgement;
        found.flagsAndWindow = segment.flags << 16 | segment.window;
    }
}
