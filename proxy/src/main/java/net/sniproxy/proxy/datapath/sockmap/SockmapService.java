package net.sniproxy.proxy.datapath.sockmap;

import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.btf.Btf;
import net.sniproxy.bpf.btf.BtfException;
import net.sniproxy.bpf.compiler.KernelTypes;
import net.sniproxy.bpf.link.Attachment;
import net.sniproxy.bpf.link.Cgroups;
import net.sniproxy.bpf.link.Sockmaps;
import net.sniproxy.bpf.link.Tracepoints;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.kernel.RedirectMsg;
import net.sniproxy.kernel.SocketConsumption;
import net.sniproxy.kernel.SocketEnrolment;
import net.sniproxy.kernel.UpperLayerRefusal;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.DataPath;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;

/** Redirection between sockets as a whole: four programs and what they are attached to. */
public final class SockmapService implements AutoCloseable {
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

    private final List<Attachment> redirection = new ArrayList<>();
    private final List<Attachment> enrolment = new ArrayList<>();
    private final LivePairs live = new LivePairs();
    private final SockmapTables tables;
    private final DataPath path;
    private List<Outcome> selfTest = List.of();

    private SockmapService(Kernel kernel, SockmapTables tables, long limit) {
        this.tables = tables;
        this.path = new SockmapPath(kernel, tables, live, limit);
    }

    /** The classes of the programs that {@link #start} wants loaded. */
    public static Class<?>[] programs() {
        return new Class<?>[] {
            RedirectMsg.class, SocketEnrolment.class, SocketConsumption.class, UpperLayerRefusal.class
        };
    }

    /**
     * Attaches the programs and tests the kernel. From then on, sockets of the cgroup are enrolled.
     *
     * @param object holds {@link #programs} and their maps; stays the caller's and outlives this
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public static SockmapService start(Kernel kernel, LoadedObject object, EbpfConfig.Sockmap config)
            throws SockmapUnavailableException {
        List<Path> cgroups = CgroupTree.toAttachTo(kernel, config.cgroup());
        SockmapService service = new SockmapService(
                kernel, new SockmapTables(object, config.totalLimit(), sequenceOffset()), config.limit());
        try {
            service.attachRedirection(kernel, object);
            service.testKernel(kernel);
            service.attachEnrolment(kernel, object, cgroups);
            return service;
        } catch (RuntimeException | SockmapUnavailableException e) {
            service.close();
            throw e;
        }
    }

    /**
     * Tests the kernel as {@link #start} does, on sockets of this process, and leaves nothing attached.
     *
     * @param object as for {@link #start}
     * @return how each check went; all passed
     * @throws SockmapUnavailableException if a check failed; it has the outcomes
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public static List<Outcome> test(Kernel kernel, LoadedObject object) throws SockmapUnavailableException {
        SockmapTables tables = new SockmapTables(object, SelfTest.MOST_HELD, sequenceOffset());
        try (SockmapService service = new SockmapService(kernel, tables, 0)) {
            service.attachRedirection(kernel, object);
            service.testKernel(kernel);
            return service.selfTest();
        }
    }

    /** Where TCP keeps the sequence number that the order of bytes depends on: its place differs between kernels. */
    static int sequenceOffset() throws SockmapUnavailableException {
        try {
            Btf kernel = Btf.read(VMLINUX);
            return KernelTypes.of(() -> kernel)
                    .member("tcp_sock", "write_seq")
                    .orElseThrow(
                            () -> new SockmapUnavailableException(VMLINUX + " does not tell of tcp_sock.write_seq"))
                    .offset();
        } catch (IOException | BtfException e) {
            throw new SockmapUnavailableException("cannot read " + VMLINUX + ": " + e.getMessage());
        }
    }

    private void attachRedirection(Kernel kernel, LoadedObject object) {
        redirection.add(Tracepoints.attach(kernel, object.program("count_consumed")));
        redirection.add(Sockmaps.attach(kernel, object.program("redirect_msg"), object.map("SOCK_MAP")));
    }

    private void testKernel(Kernel kernel) throws SockmapUnavailableException {
        if (!Epoll.isAvailable()) {
            throw new SockmapUnavailableException("the native transport is not there for this platform");
        }
        selfTest = new SelfTest(kernel, tables).run();
        for (Outcome outcome : selfTest) {
            if (!outcome.passed()) {
                throw new SockmapUnavailableException(
                        "this kernel fails the check " + outcome.check().label() + ": " + outcome.failure(), selfTest);
            }
        }
    }

    private void attachEnrolment(Kernel kernel, LoadedObject object, List<Path> cgroups) {
        for (Path cgroup : cgroups) {
            // Before and after everything else, so that no enrolled socket can become one with kTLS.
            redirection.add(Cgroups.attach(kernel, object.program("refuse_ulp"), cgroup, AttachType.CGROUP_SETSOCKOPT));
            enrolment.add(Cgroups.attach(kernel, object.program("enrol_socket"), cgroup, AttachType.CGROUP_SOCK_OPS));
        }
    }

    /** What connections ask. */
    public DataPath path() {
        return path;
    }

    /** How each check of the running kernel went. */
    public List<Outcome> selfTest() {
        return selfTest;
    }

    /** Enrols no more, gives running connections back to the relay, and detaches the programs. */
    @Override
    public void close() {
        enrolment.reversed().forEach(Attachment::close);
        live.detach(System.nanoTime() + DRAIN_NANOS);
        redirection.reversed().forEach(Attachment::close);
    }
}
