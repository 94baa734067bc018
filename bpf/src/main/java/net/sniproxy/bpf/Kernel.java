package net.sniproxy.bpf;

import java.lang.foreign.MemorySegment;
import java.util.List;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.bpf.sys.SystemCalls;

/**
 * The way to a kernel: its system calls, and what it tells about itself to explain an error. Everything that is loaded
 * or attached is made from one. Immutable and safe for use by many threads.
 *
 * @param calls the system calls, or a fake
 * @param facts what the kernel tells about itself
 */
public record Kernel(SystemCalls calls, KernelFacts facts) {
    private static final Kernel RUNNING = new Kernel(SystemCalls.system(), KernelFacts.running());

    /** The kernel that this process runs on. */
    public static Kernel running() {
        return RUNNING;
    }

    /** How many CPUs this kernel can ever have: see {@link KernelFacts#possibleCpus()}. */
    public int possibleCpus() {
        return facts.possibleCpus();
    }

    /**
     * Makes a call of bpf(2) that must succeed.
     *
     * @param object what the call is about, for the message of an error
     * @param needs what the kernel must have for it
     * @return the result, zero or more
     * @throws BpfException if the kernel refuses
     */
    public int bpf(BpfCommand command, MemorySegment attributes, String object, Requirement... needs) {
        int result = tryBpf(command, attributes);
        if (result < 0) {
            throw failure(command, object, result, needs);
        }
        return result;
    }

    /** Makes a call of bpf(2): the result, or a negated error number. */
    public int tryBpf(BpfCommand command, MemorySegment attributes) {
        return calls.bpf(command.number(), attributes, (int) attributes.byteSize());
    }

    /** Makes a call of bpf(2) that returns a new descriptor, and takes ownership of that. */
    public Descriptor open(BpfCommand command, MemorySegment attributes, String object, Requirement... needs) {
        return Descriptor.own(calls, bpf(command, attributes, object, needs), object);
    }

    /** The exception for a failed call of bpf(2), with the remedy that fits. {@code result} is negative. */
    public BpfException failure(BpfCommand command, String object, long result, Requirement... needs) {
        Errno errno = Errno.of(result);
        return new BpfException(command.name(), object, errno, remedy(command, errno, needs));
    }

    /** What to tell a user about an error of a command; empty if nothing is known. */
    public String remedy(BpfCommand command, Errno errno, Requirement... needs) {
        return new Remedies(facts).forFailure(command, errno, List.of(needs));
    }

    /**
     * Checks the result of another system call.
     *
     * @param call its name
     * @return {@code result}, zero or more
     * @throws BpfException if it is negative
     */
    public long check(String call, String object, long result) {
        if (result < 0) {
            Errno errno = Errno.of(result);
            String remedy = errno.equals(Errno.EPERM) || errno.equals(Errno.EACCES)
                    ? "Run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN."
                    : "";
            throw new BpfException(call, object, errno, remedy);
        }
        return result;
    }
}
