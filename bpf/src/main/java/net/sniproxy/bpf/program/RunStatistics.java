package net.sniproxy.bpf.program;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;

/**
 * While this is open, the kernel counts the runs of all programs and their time ({@link ProgramInfo}), which costs
 * each run some tens of nanoseconds.
 */
public final class RunStatistics implements AutoCloseable {
    private static final int SIZE = 4;
    private static final int TYPE = 0;
    private static final int BPF_STATS_RUN_TIME = 0;

    private final Descriptor descriptor;

    private RunStatistics(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Turns the counting on.
     *
     * @throws net.sniproxy.bpf.BpfException EINVAL before Linux 5.8; EPERM without CAP_SYS_ADMIN
     */
    public static RunStatistics enable(Kernel kernel) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, SIZE).putInt(TYPE, BPF_STATS_RUN_TIME);
            return new RunStatistics(kernel.open(
                    BpfCommand.BPF_ENABLE_STATS,
                    attributes.memory(),
                    "run statistics",
                    Requirement.of("run statistics by descriptor", 5, 8)));
        }
    }

    /** Turns the counting off, unless someone else has turned it on too. */
    @Override
    public void close() {
        descriptor.close();
    }
}
