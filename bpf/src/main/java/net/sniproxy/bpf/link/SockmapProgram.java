package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/**
 * A program attached to a map of sockets without a link, the way before Linux 6.10. It stays in force as long as the map
 * lives, also when the process ends without closing it. Owner of the offsets of BPF_PROG_ATTACH and BPF_PROG_DETACH.
 */
public final class SockmapProgram implements Attachment {
    private static final int SIZE = 20;
    private static final int TARGET = 0;
    private static final int PROGRAM = 4;
    private static final int ATTACH_TYPE = 8;

    private final Kernel kernel;
    private final String label;
    private final Descriptor map;
    private Descriptor program;
    private boolean closed;

    private SockmapProgram(Kernel kernel, String label, Descriptor map, Descriptor program) {
        this.kernel = kernel;
        this.label = label;
        this.map = map;
        this.program = program;
    }

    static SockmapProgram attach(Kernel kernel, Program program, BpfMap map) {
        String label = LinkCreation.label(program, map.label());
        call(kernel, BpfCommand.BPF_PROG_ATTACH, map.descriptor(), program.descriptor(), label);
        // Detaching names both again, and their owners may have closed them by then.
        return new SockmapProgram(
                kernel,
                label,
                map.descriptor().duplicate(),
                program.descriptor().duplicate());
    }

    private static void call(Kernel kernel, BpfCommand command, Descriptor map, Descriptor program, String label) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, SIZE)
                    .putInt(TARGET, map.number())
                    .putInt(PROGRAM, program.number())
                    .putInt(ATTACH_TYPE, AttachType.SK_MSG_VERDICT.number());
            kernel.bpf(command, attributes.memory(), label);
        }
    }

    @Override
    public synchronized void replace(Program newProgram) {
        call(kernel, BpfCommand.BPF_PROG_ATTACH, map, newProgram.descriptor(), label);
        program.close();
        program = newProgram.descriptor().duplicate();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (Descriptor target = map;
                Descriptor attached = program) {
            call(kernel, BpfCommand.BPF_PROG_DETACH, target, attached, label);
        } catch (BpfException failure) {
            // Another program has taken its place since.
            if (!failure.errno().equals(Errno.ENOENT)) {
                throw failure;
            }
        }
    }
}
