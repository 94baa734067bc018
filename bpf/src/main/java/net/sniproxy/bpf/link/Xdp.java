package net.sniproxy.bpf.link;

import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.spec.AttachType;

/** Attaches XDP programs to network interfaces. An interface has one such program. Linux 5.9. */
public final class Xdp {
    private static final int ANY_MODE = 0;
    private static final Requirement LINKS = Requirement.of("links for XDP", 5, 9, "CONFIG_NET");
    private static final Requirement NATIVE =
            Requirement.of("XDP in the driver of this interface (generic mode works with every driver)", 5, 9);

    private Xdp() {}

    /**
     * Attaches a program in a certain mode.
     *
     * @param index the interface in the calling thread's network namespace
     * @throws net.sniproxy.bpf.BpfException EBUSY or EEXIST if the interface has a program; EOPNOTSUPP if its driver does
     *     not know the mode; EINVAL if there is no such interface
     */
    public static Link attach(Kernel kernel, Program program, int index, XdpMode mode) {
        Requirement need = mode == XdpMode.GENERIC ? LINKS : NATIVE;
        return create(kernel, program, index, mode.flag(), need);
    }

    /**
     * Attaches a program in the best mode that the interface's driver has; {@link #modeInForce} tells which.
     *
     * @param index the interface in the calling thread's network namespace
     * @throws net.sniproxy.bpf.BpfException as {@link #attach}
     */
    public static Link attachInBestMode(Kernel kernel, Program program, int index) {
        return create(kernel, program, index, ANY_MODE, LINKS);
    }

    private static Link create(Kernel kernel, Program program, int index, int flags, Requirement need) {
        String where = "interface " + index;
        return LinkCreation.create(kernel, program, index, AttachType.XDP, flags, where, need);
    }

    /**
     * The mode in which an interface really runs its XDP program.
     *
     * @param index the interface in the calling thread's network namespace
     * @return empty if it has no such program
     * @throws net.sniproxy.bpf.BpfException ENODEV if there is no such interface
     */
    public static Optional<XdpMode> modeInForce(Kernel kernel, int index) {
        return attached(kernel, index).map(XdpOnInterface::mode);
    }

    /**
     * The modes that an interface could run a program in, from what its driver declares; nothing is attached, and no
     * privilege is needed. A driver may still refuse for a reason of the moment, such as a large MTU.
     *
     * @param index the interface in the calling thread's network namespace
     * @return empty if the kernel does not tell (before Linux 6.3)
     * @throws net.sniproxy.bpf.BpfException ENODEV if there is no such interface
     */
    public static Optional<Set<XdpMode>> supportedModes(Kernel kernel, int index) {
        try (DeviceSocket socket = DeviceSocket.open(kernel)) {
            return socket.xdpModes(index);
        }
    }

    /** The XDP program of an interface: as {@link #modeInForce}, with the program. */
    static Optional<XdpOnInterface> attached(Kernel kernel, int index) {
        try (RouteSocket socket = RouteSocket.open(kernel)) {
            return socket.xdp(index);
        }
    }

    /**
     * What an interface runs.
     *
     * @param mode where it runs
     * @param programId the program
     */
    record XdpOnInterface(XdpMode mode, int programId) {}
}
