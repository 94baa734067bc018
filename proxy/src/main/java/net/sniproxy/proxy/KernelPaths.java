package net.sniproxy.proxy;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.probe.Features;
import net.sniproxy.bpf.probe.Support;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.kernel.Variant;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.config.EbpfConfig.Enabled;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.DataPath;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;
import net.sniproxy.proxy.datapath.sockmap.SockmapService;
import net.sniproxy.proxy.datapath.sockmap.SockmapUnavailableException;
import net.sniproxy.proxy.datapath.splice.SpliceService;
import net.sniproxy.proxy.dns.CacheSource;
import net.sniproxy.proxy.dns.KernelCacheSource;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.filter.xdp.XdpFilter;
import net.sniproxy.proxy.stats.KernelFigures;
import net.sniproxy.proxy.stats.RelayedCounters;
import net.sniproxy.proxy.stats.TrafficLedger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data paths in the kernel: starts those that the configuration wants and the kernel allows, and owns them. A path
 * that is missing never keeps the proxy from starting: connections are relayed then, and the log says why. Thread-safe.
 */
public final class KernelPaths implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelPaths.class);

    private static final String TRAFFIC = "TRAFFIC_STATS";

    private final EbpfConfig config;
    private final List<AutoCloseable> services = new ArrayList<>();
    private final List<DataPath> paths = new ArrayList<>();
    private Optional<XdpFilter> filter = Optional.empty();
    private final List<String> unavailable = new ArrayList<>();
    private final LoadedPrograms programs;
    private volatile DataPaths inUse = DataPaths.relayOnly("the kernel programs are being prepared");
    private final List<AdoptableConnection> left = new ArrayList<>();
    private final CompletableFuture<List<AdoptableConnection>> adoptable = new CompletableFuture<>();
    private volatile boolean preparing;
    private boolean ready;
    private boolean closed;
    private CacheSource names;
    private List<Outcome> sockmapSelfTest = List.of();

    private KernelPaths(EbpfConfig config) {
        names = CacheSource.inMemory(config.dnsCache().maxEntries());
        this.config = config;
        int flows = config.splice().maxFlows();
        int sockets = config.sockmap().maxEntries();
        Map<String, Integer> entries = Map.of(
                "FLOWS", 2 * flows,
                "SPLICES", flows,
                "CONNECTION_STATS", flows + sockets,
                "SOCK_MAP", sockets,
                "CONNECTION_MAP", sockets,
                "REDIRECT_FLOWS", sockets);
        programs = new LoadedPrograms(
                Kernel.running(),
                CompileOptions.defaults()
                        .withSources(SourceText.ofResources(KernelPaths.class.getClassLoader()))
                        .withConstants(Variant.constants(config.stats().enabled(), config.trace()))
                        .withMapEntries(entries));
    }

    /**
     * Starts them. With {@code ebpf.enabled: true} they are ready when this returns; with {@code auto} they get ready in
     * the background, and connections are relayed until then. The source filter is in force when this returns.
     *
     * @throws StartException if {@code ebpf.enabled} is true and the source filter is wanted but cannot be had: to let in
     *     whom it should keep out would be worse than not to start. Nothing is left behind
     */
    public static KernelPaths start(EbpfConfig config) throws StartException {
        KernelPaths all = new KernelPaths(config);
        if (config.enabled() != Enabled.FALSE) {
            all.startDnsCache();
        }
        if (config.enabled() != Enabled.FALSE && config.xdp().enabled()) {
            all.startFilter();
        }
        switch (config.enabled()) {
            case FALSE -> all.inUse = DataPaths.relayOnly("ebpf.enabled is false");
            case TRUE -> all.prepare();
            case AUTO -> {
                all.preparing = true;
                Thread.ofPlatform().daemon().name("sni-proxy-kernel").start(all::prepare);
            }
        }
        return all;
    }

    private void startDnsCache() {
        if (!config.dnsCache().enabled()) {
            LOG.info("DNS cache: in the memory of this process: ebpf.dns_cache.enabled is false");
            return;
        }
        try {
            KernelCacheSource kernel = KernelCacheSource.start(programs.kernel(), config.dnsCache());
            services.add(kernel);
            names = kernel;
            LOG.info(
                    "DNS cache: in a kernel map, for {} names",
                    config.dnsCache().maxEntries());
        } catch (BpfException | UncheckedIOException e) {
            String text = "DNS cache: in the memory of this process, not in a kernel map: {}";
            if (config.enabled() == Enabled.TRUE) {
                LOG.warn(text, e.getMessage());
            } else {
                LOG.info(text, e.getMessage());
            }
        }
    }

    /** On one thread; a close meanwhile does not wait for it. */
    private void prepare() {
        // Later than the listening addresses it would know nothing of them.
        if (config.enabled() == Enabled.TRUE && config.sockmap().enabled()) {
            startSockmap();
        }
        if (config.splice().enabled()) {
            startSplice();
        } else {
            unavailable.add("ebpf.splice.enabled is false");
        }
        synchronized (this) {
            ready = true;
            if (closed) {
                closeAll();
            } else {
                inUse = new DataPaths(paths, String.join("; ", unavailable));
                adoptable.complete(List.copyOf(left));
            }
        }
    }

    private void startSplice() {
        try {
            // Asked first: compiling for nothing would cost seconds of a small machine.
            Features features = new Features(programs.kernel());
            if (features.program(ProgramType.SCHED_CLS) instanceof Support.No(String reason)) {
                missing(DataPathKind.SPLICE, reason);
                return;
            }
            SpliceService splice = SpliceService.start(programs, config.splice());
            services.add(splice);
            paths.add(splice.path());
            left.addAll(splice.left());
            LOG.info("splice: ready, for {} connections", splice.room());
        } catch (RuntimeException e) {
            missing(DataPathKind.SPLICE, e);
        }
    }

    private void startSockmap() {
        try {
            SockmapService sockmap = sockmap();
            services.add(sockmap);
            paths.add(sockmap.path());
            sockmapSelfTest = sockmap.selfTest();
            LOG.info(
                    "sockmap: ready, for {} sockets; the kernel passed {} checks",
                    config.sockmap().maxEntries(),
                    sockmapSelfTest.size());
        } catch (SockmapUnavailableException e) {
            sockmapSelfTest = e.selfTest();
            missing(DataPathKind.SOCKMAP, e);
        } catch (RuntimeException e) {
            missing(DataPathKind.SOCKMAP, e);
        }
    }

    private SockmapService sockmap() throws SockmapUnavailableException {
        LoadedObject object = programs.load(SockmapService.programs());
        try {
            return SockmapService.start(programs.kernel(), object, config.sockmap());
        } catch (RuntimeException | SockmapUnavailableException e) {
            programs.unload(object);
            throw e;
        }
    }

    private void missing(DataPathKind path, Exception cause) {
        // An IllegalStateException says what this kernel does not have, such as a tracepoint; an UncheckedIOException
        // what
        // cannot be read, such as its types.
        boolean expected = cause instanceof BpfException
                || cause instanceof SockmapUnavailableException
                || cause instanceof UncheckedIOException
                || cause instanceof IllegalStateException;
        missing(path, expected ? String.valueOf(cause.getMessage()) : cause.toString());
    }

    private void missing(DataPathKind path, String reason) {
        unavailable.add(path.label() + ": " + reason);
        if (config.enabled() == Enabled.TRUE) {
            LOG.warn("{} is not available, connections are relayed: {}", path.label(), reason);
        } else {
            LOG.info("{} is not available, connections are relayed: {}", path.label(), reason);
        }
    }

    private void startFilter() throws StartException {
        try {
            XdpFilter started = XdpFilter.start(programs, config.xdp());
            services.add(started);
            filter = Optional.of(started);
        } catch (BpfException | StartException e) {
            String message = String.valueOf(e.getMessage());
            if (config.enabled() == Enabled.TRUE) {
                close();
                throw new StartException(message.startsWith("ebpf.xdp") ? message : "ebpf.xdp: " + message, e);
            }
            LOG.warn("source filter: not in force: {}", message);
        }
    }

    /** The source filter in the kernel, where it runs. */
    public Optional<XdpFilter> filter() {
        return filter;
    }

    /** The connections that an earlier process left to the kernel: known when the paths are ready. To be adopted once. */
    public CompletableFuture<List<AdoptableConnection>> adoptable() {
        return adoptable;
    }

    /** What connections are offered now. */
    public DataPaths paths() {
        return inUse;
    }

    /** Where resolvers get their caches from; in this process's memory where the kernel cannot help. */
    public CacheSource names() {
        return names;
    }

    /** Keeps what user space copies in {@code TRAFFIC_STATS} too, if that is wanted. The caller closes it before this. */
    public RelayedCounters countRelayed(TrafficLedger traffic) {
        return RelayedCounters.start(
                traffic,
                () -> config.stats().enabled()
                        ? Optional.ofNullable(programs.maps().get(TRAFFIC))
                        : Optional.empty());
    }

    /** What the kernel counts. */
    public KernelFigures figures() {
        return new KernelCensus(
                programs, names::maps, () -> filter.map(XdpFilter::lists).orElse(List.of()));
    }

    /** How the kernel did in each check that redirection between sockets depends on; empty if it was not tested. */
    public List<Outcome> sockmapSelfTest() {
        return sockmapSelfTest;
    }

    /** Ends them: programs are detached, maps are given back. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ready || !preparing) {
            closeAll();
        }
    }

    private void closeAll() {
        for (AutoCloseable service : services.reversed()) {
            try {
                service.close();
            } catch (Exception e) {
                LOG.warn("a kernel data path did not end cleanly", e);
            }
        }
        services.clear();
        programs.close();
    }
}
