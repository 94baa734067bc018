package net.sniproxy.bpf.program;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/** Owner of the offsets of BPF_PROG_TEST_RUN. */
final class TestRunner {
    private static final int SIZE = 80;
    private static final int PROGRAM = 0;
    private static final int RETURN_VALUE = 4;
    private static final int DATA_SIZE_IN = 8;
    private static final int DATA_SIZE_OUT = 12;
    private static final int DATA_IN = 16;
    private static final int DATA_OUT = 24;
    private static final int REPEAT = 32;
    private static final int DURATION = 36;
    private static final int CONTEXT_SIZE_IN = 40;
    private static final int CONTEXT_SIZE_OUT = 44;
    private static final int CONTEXT_IN = 48;
    private static final int CONTEXT_OUT = 56;
    private static final int FLAGS = 64;

    private static final int BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1;
    private static final Requirement TEST_RUN = Requirement.of("test runs of this type of program", 4, 12);
    private static final Requirement LIVE_FRAMES = Requirement.of("test runs with live frames", 5, 18);

    private final Kernel kernel;
    private final Descriptor program;
    private final String label;

    TestRunner(Kernel kernel, Descriptor program, String label) {
        this.kernel = kernel;
        this.program = program;
        this.label = label;
    }

    TestResult run(TestRun test) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] data = test.data().orElse(new byte[0]);
            byte[] context = test.context().orElse(new byte[0]);
            int dataRoom = test.liveFrames() || data.length == 0 ? 0 : Math.addExact(data.length, test.room());
            int contextRoom = test.liveFrames() ? 0 : context.length;
            MemorySegment dataOut = arena.allocate(Math.max(dataRoom, 1));
            MemorySegment contextOut = arena.allocate(Math.max(contextRoom, 1));
            Attributes attributes = Attributes.of(arena, SIZE)
                    .putInt(PROGRAM, program.number())
                    .putInt(REPEAT, test.repeat())
                    .putInt(FLAGS, test.liveFrames() ? BPF_F_TEST_XDP_LIVE_FRAMES : 0);
            putIn(attributes, arena, DATA_IN, DATA_SIZE_IN, data);
            putIn(attributes, arena, CONTEXT_IN, CONTEXT_SIZE_IN, context);
            putOut(attributes, DATA_OUT, DATA_SIZE_OUT, dataOut, dataRoom);
            putOut(attributes, CONTEXT_OUT, CONTEXT_SIZE_OUT, contextOut, contextRoom);
            call(attributes, test);
            return new TestResult(
                    attributes.getInt(RETURN_VALUE),
                    bytes(dataOut, Math.min(dataRoom, attributes.getInt(DATA_SIZE_OUT))),
                    bytes(contextOut, Math.min(contextRoom, attributes.getInt(CONTEXT_SIZE_OUT))),
                    attributes.getInt(DURATION));
        }
    }

    private static void putIn(Attributes attributes, Arena arena, int address, int size, byte[] bytes) {
        if (bytes.length > 0) {
            MemorySegment copy = arena.allocate(bytes.length, Long.BYTES);
            MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
            attributes.putAddress(address, copy).putInt(size, bytes.length);
        }
    }

    // The kernel refuses an address without a size and, for live frames, any place for results.
    private static void putOut(Attributes attributes, int address, int size, MemorySegment place, int room) {
        if (room > 0) {
            attributes.putAddress(address, place).putInt(size, room);
        }
    }

    private void call(Attributes attributes, TestRun test) {
        int result = kernel.tryBpf(BpfCommand.BPF_PROG_TEST_RUN, attributes.memory());
        // A signal of the JVM's ends a long run early; runs without side effects may simply start again.
        while (Errno.EINTR.is(result) && !test.liveFrames()) {
            result = kernel.tryBpf(BpfCommand.BPF_PROG_TEST_RUN, attributes.memory());
        }
        if (result < 0) {
            throw kernel.failure(
                    BpfCommand.BPF_PROG_TEST_RUN, label, result, test.liveFrames() ? LIVE_FRAMES : TEST_RUN);
        }
    }

    private static byte[] bytes(MemorySegment segment, int length) {
        return Arrays.copyOf(segment.toArray(ValueLayout.JAVA_BYTE), length);
    }
}
