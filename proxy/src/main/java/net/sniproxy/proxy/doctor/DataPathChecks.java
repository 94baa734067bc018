package net.sniproxy.proxy.doctor;

import io.netty.channel.epoll.Epoll;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.probe.Features;
import net.sniproxy.bpf.probe.Support;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.sys.Errno;
import net.sniproxy.kernel.TcSplice;
import net.sniproxy.kernel.XdpIpFilter;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.datapath.sockmap.Check;
import net.sniproxy.proxy.datapath.sockmap.SockmapService;
import net.sniproxy.proxy.datapath.sockmap.SockmapUnavailableException;
import net.sniproxy.proxy.event.DataPathKind;

/**
 * Which data paths there will be: found out by compiling and loading their programs, with small maps, and closing them
 * again. They are attached to nothing; only the self-test of sockmap lets them run, on sockets of its own.
 */
final class DataPathChecks {
    private static final String FILTER = "source filter";
    private static final String NAMES = "DNS cache";
    private static final int FEW = 1024;
    private static final Map<String, Integer> SMALL_MAPS = Map.of(
            "FLOWS", FEW,
            "SPLICES", FEW,
            "CONNECTION_STATS", FEW,
            "SOCK_MAP", FEW,
            "CONNECTION_MAP", FEW,
            "REDIRECT_FLOWS", FEW);

    private static final String NO_PRIVILEGE = "needs CAP_BPF and CAP_NET_ADMIN, see above";

    private final Kernel kernel;
    private final Features features;

    DataPathChecks(Kernel kernel) {
        this.kernel = kernel;
        this.features = new Features(kernel);
    }

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        findings.add(relay());
        findings.add(checked(DataPathKind.SPLICE.label(), this::splice));
        List<Finding> selfTests = new ArrayList<>();
        findings.add(checked(DataPathKind.SOCKMAP.label(), () -> sockmap(selfTests)));
        findings.add(checked(FILTER, this::filter));
        findings.add(names());
        findings.addAll(selfTests.isEmpty() ? List.of(untested()) : selfTests);
        return findings;
    }

    private static Finding relay() {
        String name = DataPathKind.RELAY.label();
        return Epoll.isAvailable()
                ? Finding.ok(Area.DATA_PATHS, name, "available, on epoll")
                : Finding.limited(
                        Area.DATA_PATHS,
                        name,
                        "available, by Java's own sockets",
                        "the native transport is not there: " + Epoll.unavailabilityCause(),
                        "");
    }

    private Finding checked(String name, Supplier<Finding> check) {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return unavailable(name, reason(e));
        }
    }

    private String reason(RuntimeException failure) {
        return switch (failure) {
            case BpfException e
            when e.errno().equals(Errno.EPERM) && !kernel.facts().hasSeccompFilter() -> NO_PRIVILEGE;
            case BpfException e -> String.valueOf(e.getMessage());
            case UncheckedIOException e -> String.valueOf(e.getMessage());
            // What a kernel lacks, in words, such as a tracepoint.
            case IllegalStateException e when e.getMessage() != null -> e.getMessage();
            default -> failure.toString();
        };
    }

    private Finding splice() {
        String name = DataPathKind.SPLICE.label();
        // Asked first: it is cheap, and without privilege it is all there is to know.
        if (features.program(ProgramType.SCHED_CLS) instanceof Support.No(String reason)) {
            return unavailable(name, reason);
        }
        boolean lasting = features.attachment(AttachType.TCX_INGRESS).isYes();
        try (LoadedPrograms programs = programs()) {
            programs.load(TcSplice.class);
        }
        return lasting
                ? available(name, "connections survive the proxy")
                : Finding.limited(
                        Area.DATA_PATHS,
                        name,
                        "available",
                        "before Linux 6.6 programs cannot be pinned: connections end with the proxy",
                        "");
    }

    private Finding sockmap(List<Finding> selfTests) {
        String name = DataPathKind.SOCKMAP.label();
        if (features.program(ProgramType.SK_MSG) instanceof Support.No(String reason)) {
            return unavailable(name, reason);
        }
        if (kernel.facts().mounts("cgroup2").isEmpty()) {
            return unavailable(name, "no cgroup v2 is mounted, see above");
        }
        try (LoadedPrograms programs = programs()) {
            LoadedObject object = programs.load(SockmapService.programs());
            SockmapService.test(kernel, object).forEach(outcome -> selfTests.add(selfTest(outcome)));
            return available(name, "for connections within this host, where ebpf.enabled is true");
        } catch (SockmapUnavailableException e) {
            e.selfTest().forEach(outcome -> selfTests.add(selfTest(outcome)));
            return unavailable(name, String.valueOf(e.getMessage()));
        }
    }

    private static Finding selfTest(Check.Outcome outcome) {
        String name = DataPathKind.SOCKMAP.label() + " " + outcome.check().label();
        return outcome.passed()
                ? Finding.ok(Area.SELF_TESTS, name, "passed")
                : Finding.missing(Area.SELF_TESTS, name, "failed", outcome.failure(), "");
    }

    private static Finding untested() {
        return Finding.unseen(
                Area.SELF_TESTS,
                DataPathKind.SOCKMAP.label(),
                "not run, since sockmap is not available to this process");
    }

    private Finding filter() {
        if (features.program(ProgramType.XDP) instanceof Support.No(String reason)) {
            return unavailable(FILTER, reason);
        }
        try (LoadedPrograms programs = programs()) {
            programs.load(XdpIpFilter.class);
        }
        return available(FILTER, "in the modes shown for each interface");
    }

    private Finding names() {
        try {
            return features.map(MapType.LRU_HASH) instanceof Support.No(String reason)
                    ? namesInMemory(reason)
                    : available(NAMES, "in a kernel map");
        } catch (RuntimeException e) {
            return namesInMemory(reason(e));
        }
    }

    private static Finding namesInMemory(String reason) {
        return Finding.limited(Area.DATA_PATHS, NAMES, "in the memory of the proxy, not in a kernel map", reason, "");
    }

    private LoadedPrograms programs() {
        return new LoadedPrograms(kernel, CompileOptions.defaults().withMapEntries(SMALL_MAPS));
    }

    private static Finding available(String name, String remark) {
        return Finding.ok(Area.DATA_PATHS, name, "available, " + remark);
    }

    private static Finding unavailable(String name, String reason) {
        return Finding.missing(Area.DATA_PATHS, name, "not available", reason, "");
    }
}
