package net.sniproxy.proxy.datapath.sockmap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Attachment;
import net.sniproxy.bpf.link.Cgroups;
import net.sniproxy.bpf.link.Sockmaps;
import net.sniproxy.bpf.link.Tracepoints;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.kernel.RedirectMsg;
import net.sniproxy.kernel.SocketConsumption;
import net.sniproxy.kernel.SocketEnrolment;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.datapath.DataPath;

/** Redirection between sockets as a whole: three programs and what they are attached to. */
public final class SockmapService implements AutoCloseable {
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final List<Attachment> attachments = new ArrayList<>();
    private final LivePairs live = new LivePairs();
    private final DataPath path;

    private SockmapService(Kernel kernel, SockmapTables tables, long limit) {
        path = new SockmapPath(kernel, tables, live, limit);
    }

    /** The classes of the programs that {@link #start} wants loaded. */
    public static Class<?>[] programs() {
        return new Class<?>[] {RedirectMsg.class, SocketEnrolment.class, SocketConsumption.class};
    }

    /**
     * Attaches the programs. From then on, sockets of the cgroup are enrolled.
     *
     * @param object holds {@link #programs} and their maps; stays the caller's and outlives this
     * @throws net.sniproxy.bpf.BpfException if the kernel or the privileges do not allow it
     */
    public static SockmapService start(Kernel kernel, LoadedObject object, EbpfConfig.Sockmap config)
            throws SockmapUnavailableException {
        List<Path> cgroups = CgroupTree.toAttachTo(kernel, config.cgroup());
        SockmapService service = new SockmapService(kernel, new SockmapTables(object), config.limit());
        try {
            service.attachRedirection(kernel, object);
            for (Path cgroup : cgroups) {
                service.attachments.add(
                        Cgroups.attach(kernel, object.program("enrol_socket"), cgroup, AttachType.CGROUP_SOCK_OPS));
            }
            return service;
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
    }

    private void attachRedirection(Kernel kernel, LoadedObject object) {
        attachments.add(Tracepoints.attach(kernel, object.program("count_consumed")));
        attachments.add(Sockmaps.attach(kernel, object.program("redirect_msg"), object.map("SOCK_MAP")));
    }

    /** What connections ask. */
    public DataPath path() {
        return path;
    }

    /** Enrols no more, gives running connections back to the relay, and detaches the programs. */
    @Override
    public void close() {
        for (Attachment enrolment : attachments.reversed()) {
            if (attachments.indexOf(enrolment) > 1) {
                enrolment.close();
            }
        }
        live.detach(System.nanoTime() + DRAIN_NANOS);
        attachments.reversed().forEach(Attachment::close);
        attachments.clear();
    }
}
