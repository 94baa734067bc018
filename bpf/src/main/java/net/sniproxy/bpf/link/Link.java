package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelObject;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;

/**
 * An attachment that lives as long as a descriptor or a pin holds it. Linux 5.7. Owner of the offsets of
 * BPF_LINK_UPDATE and BPF_LINK_DETACH.
 */
public final class Link extends KernelObject implements Attachment {
    private static final int LINK = 0;
    private static final int DETACH_SIZE = 4;
    private static final int NEW_PROGRAM = 4;
    private static final int UPDATE_SIZE = 16;

    Link(Kernel kernel, Descriptor descriptor, String label) {
        super(kernel, descriptor, label);
    }

    /**
     * Opens the link that is pinned at a path: the way to adopt what an earlier process attached.
     *
     * @throws net.sniproxy.bpf.BpfException ENOENT if nothing is pinned there; EINVAL if it is no link
     */
    public static Link open(Kernel kernel, Path path) {
        return new Link(kernel, openPinned(kernel, path, Kind.LINK), "link at " + path);
    }

    /**
     * Opens a link by its id.
     *
     * @throws net.sniproxy.bpf.BpfException ENOENT if there is none
     */
    public static Link byId(Kernel kernel, int id) {
        String label = "link of id " + id;
        return new Link(kernel, openById(kernel, BpfCommand.BPF_LINK_GET_FD_BY_ID, id, label), label);
    }

    /** What the kernel knows of it now. */
    public LinkInfo info() {
        try (Arena arena = Arena.ofConfined()) {
            return LinkInfo.read(arena, info -> readInfo(kernel(), descriptor(), info, label()));
        }
    }

    @Override
    public void replace(Program program) {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes = Attributes.of(arena, UPDATE_SIZE)
                    .putInt(LINK, descriptor().number())
                    .putInt(NEW_PROGRAM, program.descriptor().number());
            kernel().bpf(
                            BpfCommand.BPF_LINK_UPDATE,
                            attributes.memory(),
                            label(),
                            Requirement.of("replacing the program of this kind of link", 5, 9));
        }
    }

    /**
     * Detaches the program now, whoever else holds the link. Not for tracepoints. Linux 5.9.
     *
     * @throws net.sniproxy.bpf.BpfException EOPNOTSUPP if this kind of link cannot be detached
     */
    public void detach() {
        try (Arena arena = Arena.ofConfined()) {
            Attributes attributes =
                    Attributes.of(arena, DETACH_SIZE).putInt(LINK, descriptor().number());
            kernel().bpf(BpfCommand.BPF_LINK_DETACH, attributes.memory(), label());
        }
    }
}
