package net.sniproxy.bpf.probe;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Link;
import net.sniproxy.bpf.link.Tracepoints;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Errno;

/** Asks the kernel to attach to a place that does not exist: it looks for the place only if it knows the type. */
final class AttachProbe {
    private static final int NO_DESCRIPTOR = -1;
    private static final int NO_INTERFACE = 0;

    // BPF_PROG_ATTACH and BPF_PROG_QUERY begin with the target; BPF_LINK_CREATE with the program.
    private static final int SIZE = 32;
    private static final int QUERY_SIZE = 64;
    private static final int FIRST = 0;
    private static final int SECOND = 4;
    private static final int THIRD = 8;

    private final Kernel kernel;

    AttachProbe(Kernel kernel) {
        this.kernel = kernel;
    }

    Support probe(Program program, AttachType place) {
        return switch (place) {
            case TRACE_RAW_TP, TRACE_FENTRY, TRACE_FEXIT -> attachToKernel(program, place);
            case TCX_INGRESS, TCX_EGRESS -> judge(queryInterface(place), Errno.ENODEV, place);
            case SK_LOOKUP -> judge(createLink(program, place), Errno.EBADF, place);
            case CGROUP_INET_INGRESS,
                    CGROUP_INET_EGRESS,
                    CGROUP_SOCK_OPS,
                    CGROUP_INET4_CONNECT,
                    CGROUP_INET6_CONNECT,
                    CGROUP_SETSOCKOPT,
                    SK_SKB_STREAM_PARSER,
                    SK_SKB_STREAM_VERDICT,
                    SK_SKB_VERDICT,
                    SK_MSG_VERDICT -> judge(attach(program, place), Errno.EBADF, place);
            case XDP -> throw new IllegalArgumentException("the kernel's answer for XDP tells nothing");
        };
    }

    // What it attaches to exists, and the program does nothing there in the moment until it is detached.
    private Support attachToKernel(Program program, AttachType place) {
        try (Link _ = Tracepoints.attach(kernel, program)) {
            return new Support.Yes();
        } catch (BpfException refusal) {
            return new Support.No(place + ": " + refusal.getMessage());
        }
    }

    private int queryInterface(AttachType place) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes =
                    Attributes.of(arena, QUERY_SIZE).putInt(FIRST, NO_INTERFACE).putInt(SECOND, place.number());
            return kernel.tryBpf(BpfCommand.BPF_PROG_QUERY, attributes.memory());
        }
    }

    private int createLink(Program program, AttachType place) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, SIZE)
                    .putInt(FIRST, program.descriptor().number())
                    .putInt(SECOND, NO_DESCRIPTOR)
                    .putInt(THIRD, place.number());
            return kernel.tryBpf(BpfCommand.BPF_LINK_CREATE, attributes.memory());
        }
    }

    private int attach(Program program, AttachType place) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, SIZE)
                    .putInt(FIRST, NO_DESCRIPTOR)
                    .putInt(SECOND, program.descriptor().number())
                    .putInt(THIRD, place.number());
            return kernel.tryBpf(BpfCommand.BPF_PROG_ATTACH, attributes.memory());
        }
    }

    private static Support judge(int result, Errno placeIsMissing, AttachType place) {
        return placeIsMissing.is(result)
                ? new Support.Yes()
                : new Support.No(place + ": the kernel answers " + (result < 0 ? Errno.of(result) : result));
    }
}
