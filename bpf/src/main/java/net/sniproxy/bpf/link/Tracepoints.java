package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;

/** Attaches TRACING programs to the tracepoint that they were loaded for. Owner of the offsets of its command. */
public final class Tracepoints {
    private static final int SIZE = 16;
    private static final int PROGRAM = 8;
    private static final Requirement BY_BTF =
            Requirement.of("tracepoints by BTF", 5, 5, "CONFIG_BPF_EVENTS", "CONFIG_DEBUG_INFO_BTF");

    private Tracepoints() {}

    /**
     * Attaches a program. Linux 5.5; with a pin 5.7.
     *
     * @throws net.sniproxy.bpf.BpfException EINVAL if the program was not loaded for a tracepoint
     */
    public static Link attach(Kernel kernel, Program program) {
        String label = LinkCreation.label(program, "its tracepoint");
        try (Arena arena = Arena.ofConfined()) {
            // Without a name: the program knows its tracepoint since it was loaded.
            Attributes attributes = Attributes.of(arena, SIZE)
                    .putInt(PROGRAM, program.descriptor().number());
            return new Link(
                    kernel, kernel.open(BpfCommand.BPF_RAW_TRACEPOINT_OPEN, attributes.memory(), label, BY_BTF), label);
        }
    }
}
