package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;

/** Owner of the offsets of BPF_LINK_CREATE. */
final class LinkCreation {
    private static final int SIZE = 32;
    private static final int PROGRAM = 0;
    private static final int TARGET = 4;
    private static final int ATTACH_TYPE = 8;
    private static final int FLAGS = 12;

    private LinkCreation() {}

    /**
     * Makes a link.
     *
     * @param target descriptor, or index of an interface
     * @param where in words, for messages
     */
    static Link create(
            Kernel kernel, Program program, int target, AttachType type, int flags, String where, Requirement need) {
        String label = label(program, where);
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = attributes(arena, program, target, type, flags);
            return new Link(kernel, kernel.open(BpfCommand.BPF_LINK_CREATE, attributes.memory(), label, need), label);
        }
    }

    static String label(Program program, String where) {
        return program.label() + " on " + where;
    }

    private static Attributes attributes(Arena arena, Program program, int target, AttachType type, int flags) {
        return Attributes.of(arena, SIZE)
                .putInt(PROGRAM, program.descriptor().number())
                .putInt(TARGET, target)
                .putInt(ATTACH_TYPE, type.number())
                .putInt(FLAGS, flags);
    }
}
