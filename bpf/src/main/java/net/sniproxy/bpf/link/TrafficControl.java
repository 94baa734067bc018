package net.sniproxy.bpf.link;

import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.Requirement;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.sys.Errno;

/** Attaches programs to the packets that arrive at, or leave, an interface. */
public final class TrafficControl {
    private static final Requirement TCX = Requirement.of("TCX", 6, 6, "CONFIG_NET_XGRESS");

    private TrafficControl() {}

    /**
     * Attaches a program by TCX, or by a classifier of clsact where the kernel has no TCX.
     *
     * @param index the interface in the calling thread's network namespace
     * @throws BpfException ENODEV if there is no such interface; EPERM without CAP_NET_ADMIN
     */
    public static Attachment attach(Kernel kernel, Program program, int index, Direction direction) {
        try {
            return attachTcx(kernel, program, index, direction);
        } catch (BpfException failure) {
            // A kernel that does not know the attach type finds no program type for it.
            if (failure.errno().equals(Errno.EINVAL)) {
                return attachClsact(kernel, program, index, direction);
            }
            throw failure;
        }
    }

    /**
     * The same; where the kernel has no TCX, what a process of the same owner left when it was killed is replaced.
     *
     * @param owner tells such processes from others; at most one of an owner may run at a time
     * @throws BpfException as {@link #attach(Kernel, Program, int, Direction)}
     */
    public static Attachment attach(Kernel kernel, Program program, int index, Direction direction, String owner) {
        try {
            return attachTcx(kernel, program, index, direction);
        } catch (BpfException failure) {
            if (failure.errno().equals(Errno.EINVAL)) {
                return attachClsact(kernel, program, index, direction, owner);
            }
            throw failure;
        }
    }

    /**
     * Attaches a program by TCX, after those that are there. Linux 6.6. A program runs only if those before it return
     * TCX_NEXT (-1).
     *
     * @param index the interface in the calling thread's network namespace
     * @throws BpfException EINVAL before Linux 6.6; ENODEV if there is no such interface
     */
    public static Link attachTcx(Kernel kernel, Program program, int index, Direction direction) {
        String where = "interface " + index + " " + direction;
        return LinkCreation.create(kernel, program, index, direction.attachType(), 0, where, TCX);
    }

    /**
     * Attaches a program as a classifier of clsact, which the interface is given if it has none.
     *
     * @param index the interface in the calling thread's network namespace
     * @throws BpfException ENODEV if there is no such interface; EEXIST if this process, or another, has a classifier of
     *     the same priority there
     */
    public static ClsactFilter attachClsact(Kernel kernel, Program program, int index, Direction direction) {
        return ClsactFilter.attach(kernel, program, index, direction);
    }

    /** The same; what a process of the same owner left when it was killed is replaced. */
    public static ClsactFilter attachClsact(
            Kernel kernel, Program program, int index, Direction direction, String owner) {
        return ClsactFilter.attach(kernel, program, index, direction, owner);
    }

    /**
     * Removes the classifier that a process of an owner left when it was killed.
     *
     * @return whether there was one
     * @throws BpfException ENODEV if there is no such interface; EPERM without CAP_NET_ADMIN
     */
    public static boolean detachLeft(Kernel kernel, int index, Direction direction, String owner) {
        return ClsactFilter.removeLeft(kernel, index, direction, owner);
    }
}
