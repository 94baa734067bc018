package net.sniproxy.bpf.link;

import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.map.BpfMap;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.sys.Errno;

/** Attaches SK_MSG programs to maps of sockets: they see what is sent on each socket in the map. */
public final class Sockmaps {
    private static final Requirement LINKS = Requirement.of("links for sockmaps", 6, 10, "CONFIG_BPF_STREAM_PARSER");

    private Sockmaps() {}

    /**
     * Attaches a program by a link, or directly to the map where the kernel has no such links.
     *
     * @throws BpfException EBUSY if the map has a program
     */
    public static Attachment attach(Kernel kernel, Program program, BpfMap map) {
        try {
            return attachLink(kernel, program, map);
        } catch (BpfException failure) {
            // A kernel without these links finds no program type for the attach type.
            if (failure.errno().equals(Errno.EINVAL)) {
                return SockmapProgram.attach(kernel, program, map);
            }
            throw failure;
        }
    }

    /**
     * Attaches a program by a link. Linux 6.10.
     *
     * @throws BpfException EINVAL before Linux 6.10; EBUSY if the map has a program
     */
    public static Link attachLink(Kernel kernel, Program program, BpfMap map) {
        int target = map.descriptor().number();
        return LinkCreation.create(kernel, program, target, AttachType.SK_MSG_VERDICT, 0, map.label(), LINKS);
    }

    /**
     * Attaches a program to the map itself, in place of one that is there. Linux 4.17.
     *
     * @throws BpfException EBUSY if the map's program hangs on a link
     */
    public static SockmapProgram attachDirectly(Kernel kernel, Program program, BpfMap map) {
        return SockmapProgram.attach(kernel, program, map);
    }
}
