package net.sniproxy.bpf.program;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.KernelObject;
import net.sniproxy.bpf.sys.Attributes;
import net.sniproxy.bpf.sys.BpfCommand;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.Errno;

/** A program that the verifier has accepted. It runs once something attaches it, or on test data. */
public final class Program extends KernelObject {
    private final String log;

    private Program(Kernel kernel, Descriptor descriptor, String label, String log) {
        super(kernel, descriptor, label);
        this.log = log;
    }

    /**
     * Loads a program.
     *
     * @param wanted how much the verifier is to write into {@link #verifierLog()}
     * @throws net.sniproxy.bpf.VerifierException if the verifier rejects it
     * @throws net.sniproxy.bpf.BpfException if the kernel refuses it for another reason
     */
    public static Program load(Kernel kernel, LoadRequest request, VerifierLog wanted) {
        ProgramLoader.Loaded loaded = new ProgramLoader(kernel, request).load(wanted);
        return new Program(kernel, loaded.descriptor(), "program " + request.name(), loaded.log());
    }

    /** Loads a program; what the verifier writes is kept only if it rejects it. */
    public static Program load(Kernel kernel, LoadRequest request) {
        return load(kernel, request, VerifierLog.ON_REJECTION);
    }

    /**
     * Opens the program that is pinned at a path.
     *
     * @throws net.sniproxy.bpf.BpfException ENOENT if nothing is pinned there; EINVAL if it is no program
     */
    public static Program open(Kernel kernel, Path path) {
        return new Program(kernel, openPinned(kernel, path, Kind.PROGRAM), "program at " + path, "");
    }

    /**
     * Opens a program by its id.
     *
     * @throws net.sniproxy.bpf.BpfException ENOENT if there is none
     */
    public static Program byId(Kernel kernel, int id) {
        String label = "program of id " + id;
        return new Program(kernel, openById(kernel, BpfCommand.BPF_PROG_GET_FD_BY_ID, id, label), label, "");
    }

    /**
     * What the kernel knows of every program in the system, whoever loaded it. Needs CAP_SYS_ADMIN.
     *
     * @throws BpfException if the kernel refuses
     */
    public static List<ProgramInfo> all(Kernel kernel) {
        List<ProgramInfo> all = new ArrayList<>();
        for (int id : ids(kernel, BpfCommand.BPF_PROG_GET_NEXT_ID, "programs")) {
            try (Program one = byId(kernel, id)) {
                all.add(one.info());
            } catch (BpfException e) {
                // Gone since its id was listed.
                if (!Errno.ENOENT.equals(e.errno())) {
                    throw e;
                }
            }
        }
        return all;
    }

    /** What the verifier wrote about it; empty if it was not asked to write anything. */
    public String verifierLog() {
        return log;
    }

    /** What the kernel knows of it now: its counters go on. */
    public ProgramInfo info() {
        try (Arena arena = Arena.ofConfined()) {
            Attributes info = ProgramInfo.allocate(arena);
            readInfo(kernel(), descriptor(), info, label());
            return ProgramInfo.of(info);
        }
    }

    /**
     * Runs it on data of the caller's, attached or not.
     *
     * @throws net.sniproxy.bpf.BpfException ENOTSUPP for a type that cannot be run so (SK_MSG, SOCK_OPS); EINVAL for
     *     data shorter than an Ethernet header, or a context that the type does not take
     */
    public TestResult run(TestRun test) {
        return new TestRunner(kernel(), descriptor(), label()).run(test);
    }
}
