package net.sniproxy.bpf.program;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.VerifierException;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * Loads one program, and gets the verifier's log: first without a log, since writing one is slow, then with a small
 * buffer, then with one into which the log fits. Owner of the offsets of BPF_PROG_LOAD.
 */
final class ProgramLoader {
    private static final int SIZE = 144;
    private static final int TYPE = 0;
    private static final int INSTRUCTION_COUNT = 4;
    private static final int INSTRUCTIONS = 8;
    private static final int LICENSE = 16;
    private static final int LOG_LEVEL = 24;
    private static final int LOG_SIZE = 28;
    private static final int LOG = 32;
    private static final int NAME = 48;
    private static final int ATTACH_TYPE = 68;
    private static final int BTF = 72;
    private static final int FUNCTION_SIZE = 76;
    private static final int FUNCTIONS = 80;
    private static final int FUNCTION_COUNT = 88;
    private static final int LINE_SIZE = 92;
    private static final int LINES = 96;
    private static final int LINE_COUNT = 104;
    private static final int ATTACH_BTF_ID = 108;
    /** Written by the kernel: what the whole log needs (since 6.4). */
    private static final int WHOLE_LOG_SIZE = 140;

    private static final int SLOT_BYTES = 8;
    private static final int FIRST_LOG_BYTES = 1 << 16;
    /** A log larger than this stays cut. Kernels since 6.4 keep its end, which is what matters, older ones its start. */
    private static final int MAX_LOG_BYTES = 1 << 26;
    /** To guess the size where the kernel does not tell it. */
    private static final int GROWTH = 4;
    /** The kernel gives up with EAGAIN when a signal arrives while it verifies. */
    private static final int ATTEMPTS = 5;

    /** A loaded program and what the verifier wrote. */
    record Loaded(Descriptor descriptor, String log) {}

    private final Kernel kernel;
    private final LoadRequest request;
    private final String label;

    ProgramLoader(Kernel kernel, LoadRequest request) {
        this.kernel = kernel;
        this.request = request;
        this.label = "program " + request.name();
    }

    Loaded load(VerifierLog wanted) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = attributes(arena);
            if (wanted != VerifierLog.ON_REJECTION) {
                return loadWithLog(attributes, wanted.level(), -Errno.ENOSPC.number());
            }
            int result = attempt(attributes);
            return result >= 0 ? loaded(result, "") : loadWithLog(attributes, VerifierLog.BRIEF.level(), result);
        }
    }

    private Attributes attributes(Arena arena) {
        DebugInfo debug = request.debugInfo();
        Attributes attributes = Attributes.of(arena, SIZE)
                .putInt(TYPE, request.type().number())
                .putInt(INSTRUCTION_COUNT, request.instructions().length / SLOT_BYTES)
                .putAddress(INSTRUCTIONS, copy(arena, request.instructions()))
                .putStringAddress(LICENSE, request.license())
                .putName(NAME, request.name())
                .putInt(ATTACH_BTF_ID, request.attachBtfId());
        request.attachType().ifPresent(type -> attributes.putInt(ATTACH_TYPE, type.number()));
        if (debug.btf() != 0) {
            attributes
                    .putInt(BTF, debug.btf())
                    .putInt(FUNCTION_SIZE, DebugInfo.FUNCTION_SIZE)
                    .putAddress(FUNCTIONS, copy(arena, debug.functions()))
                    .putInt(FUNCTION_COUNT, debug.functions().length / DebugInfo.FUNCTION_SIZE)
                    .putInt(LINE_SIZE, DebugInfo.LINE_SIZE)
                    .putAddress(LINES, copy(arena, debug.lines()))
                    .putInt(LINE_COUNT, debug.lines().length / DebugInfo.LINE_SIZE);
        }
        return attributes;
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        MemorySegment segment = arena.allocate(Math.max(bytes.length, 1), Long.BYTES);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    /**
     * Every attempt has the verifier walk the program again, so there are few.
     *
     * @param verdict what to report if the log is cut, which hides the kernel's own answer
     */
    private Loaded loadWithLog(Attributes attributes, int level, int verdict) {
        long size = FIRST_LOG_BYTES;
        while (true) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment log = arena.allocate(size);
                attributes.putInt(LOG_LEVEL, level).putInt(LOG_SIZE, (int) size).putAddress(LOG, log);
                int result = attempt(attributes);
                if (result >= 0) {
                    return loaded(result, log.getString(0));
                }
                size = nextSize(attributes, size);
                if (!Errno.ENOSPC.is(result)) {
                    throw rejection(result, log.getString(0));
                }
                if (size > MAX_LOG_BYTES) {
                    throw rejection(verdict, log.getString(0));
                }
            }
        }
    }

    private static long nextSize(Attributes attributes, long size) {
        long whole = Integer.toUnsignedLong(attributes.getInt(WHOLE_LOG_SIZE));
        return whole > size ? whole : size * GROWTH;
    }

    private Loaded loaded(int descriptor, String log) {
        return new Loaded(Descriptor.own(kernel.calls(), descriptor, label), log);
    }

    private int attempt(Attributes attributes) {
        int result = kernel.tryBpf(BpfCommand.BPF_PROG_LOAD, attributes.memory());
        for (int i = 1; i < ATTEMPTS && Errno.EAGAIN.is(result); i++) {
            result = kernel.tryBpf(BpfCommand.BPF_PROG_LOAD, attributes.memory());
        }
        return result;
    }

    private BpfException rejection(int result, String log) {
        BpfCommand command = BpfCommand.BPF_PROG_LOAD;
        if (log.isBlank()) {
            return kernel.failure(command, label, result, requirement(request.type()));
        }
        Errno errno = Errno.of(result);
        return new VerifierException(command.name(), label, errno, kernel.remedy(command, errno), log);
    }

    /** What the kernel needs for a type of program. */
    static Requirement requirement(ProgramType type) {
        return switch (type) {
            case SOCKET_FILTER -> Requirement.of("socket filters", 3, 19, "CONFIG_NET");
            case SCHED_CLS -> Requirement.of("programs for traffic control", 4, 1, "CONFIG_NET_CLS_ACT");
            case XDP -> Requirement.of("XDP", 4, 8, "CONFIG_NET");
            case CGROUP_SKB -> Requirement.of("cgroup programs", 4, 10, "CONFIG_CGROUP_BPF");
            case SOCK_OPS -> Requirement.of("sock_ops", 4, 13, "CONFIG_CGROUP_BPF");
            case SK_SKB -> Requirement.of("sk_skb", 4, 14, "CONFIG_BPF_STREAM_PARSER");
            case SK_MSG -> Requirement.of("sk_msg", 4, 17, "CONFIG_BPF_STREAM_PARSER");
            case CGROUP_SOCK_ADDR -> Requirement.of("cgroup connect programs", 4, 17, "CONFIG_CGROUP_BPF");
            case CGROUP_SOCKOPT -> Requirement.of("cgroup socket option programs", 5, 3, "CONFIG_CGROUP_BPF");
            case TRACING ->
                Requirement.of("programs attached by BTF", 5, 5, "CONFIG_BPF_EVENTS", "CONFIG_DEBUG_INFO_BTF");
            case SK_LOOKUP -> Requirement.of("sk_lookup", 5, 9, "CONFIG_INET");
        };
    }
}
