package net.sniproxy.proxy;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.SourceText;
import net.sniproxy.kernel.TcSplice;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.config.EbpfConfig.Enabled;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data paths in the kernel: starts those that the configuration wants and the kernel allows, and owns them. */
public final class KernelPaths implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelPaths.class);

    private final List<AutoCloseable> services = new ArrayList<>();
    private final List<DataPath> paths = new ArrayList<>();
    private Optional<XdpFilter> filter = Optional.empty();
    private final List<String> unavailable = new ArrayList<>();

    private final KernelPrograms programs;
    private CacheSource names;
    private List<Outcome> sockmapSelfTest = List.of();

    private KernelPaths(EbpfConfig config) {
        names = CacheSource.inMemory(config.dnsCache().maxEntries());
        int flows = config.splice().maxFlows();
        int sockets = config.sockmap().maxEntries();
        Map<String, Integer> entries = Map.of(
                "FLOWS", 2 * flows,
                "SPLICES", flows,
                "CONNECTION_STATS", flows + sockets,
                "SOCK_MAP", sockets,
                "CONNECTION_MAP", sockets,
                "REDIRECT_FLOWS", sockets);
        programs = new KernelPrograms(
                Kernel.running(),
                CompileOptions.defaults()
                        .withSources(SourceText.ofResources(KernelPaths.class.getClassLoader()))
                        .withMapEntries(entries));
    }

    /**
     * Starts them.
     *
     * @throws StartException if {@code ebpf.enabled} is true and one that is wanted cannot be had; nothing is left behind
     */
    public static KernelPaths start(EbpfConfig config) throws StartException {
        KernelPaths all = new KernelPaths(config);
        if (config.enabled() == Enabled.FALSE) {
            all.unavailable.add("ebpf.enabled is false");
            return all;
        }
        if (config.dnsCache().enabled()) {
            all.startDnsCache(config);
        }
        if (config.enabled() == Enabled.TRUE && config.sockmap().enabled()) {
            all.startSockmap(config);
        }
        if (config.xdp().enabled()) {
            all.startFilter(config);
        }
        if (config.enabled() == Enabled.TRUE && config.splice().enabled()) {
            all.startSplice(config);
        }
        return all;
    }

    private void startDnsCache(EbpfConfig config) throws StartException {
        try {
            KernelCacheSource kernel = KernelCacheSource.start(programs.kernel(), config.dnsCache());
            services.add(kernel);
            names = kernel;
            LOG.info(
                    "DNS cache: in a kernel map, for {} names",
                    config.dnsCache().maxEntries());
        } catch (BpfException | UncheckedIOException e) {
            if (config.enabled() == Enabled.TRUE) {
                close();
                throw new StartException("ebpf.dns_cache: " + e.getMessage(), e);
            }
            LOG.info("DNS cache: in the memory of this process, not in a kernel map: {}", e.getMessage());
        }
    }

    private void startSplice(EbpfConfig config) throws StartException {
        try {
            SpliceService splice =
                    SpliceService.start(programs.kernel(), programs.load(TcSplice.class), config.splice());
            services.add(splice);
            paths.add(splice.path());
            LOG.info("splice: ready, for {} connections", config.splice().maxFlows());
        } catch (BpfException e) {
            unavailable(config, DataPathKind.SPLICE, e);
        }
    }

    private void startSockmap(EbpfConfig config) throws StartException {
        try {
            SockmapService sockmap =
                    SockmapService.start(programs.kernel(), programs.load(SockmapService.programs()), config.sockmap());
            services.add(sockmap);
            paths.add(sockmap.path());
            sockmapSelfTest = sockmap.selfTest();
            LOG.info(
                    "sockmap: ready, for {} sockets; the kernel passed {} checks",
                    config.sockmap().maxEntries(),
                    sockmapSelfTest.size());
        } catch (SockmapUnavailableException e) {
            sockmapSelfTest = e.selfTest();
            unavailable(config, DataPathKind.SOCKMAP, e);
        } catch (BpfException e) {
            unavailable(config, DataPathKind.SOCKMAP, e);
        }
    }

    private void unavailable(EbpfConfig config, DataPathKind path, Exception cause) throws StartException {
        if (config.enabled() == Enabled.TRUE) {
            close();
            throw new StartException("ebpf." + path.label() + ": " + cause.getMessage(), cause);
        }
        LOG.info("{}: not available: {}", path.label(), cause.getMessage());
        unavailable.add(path.label() + ": " + cause.getMessage());
    }

    private void startFilter(EbpfConfig config) throws StartException {
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

    /** What connections are offered. */
    public DataPaths paths() {
        return new DataPaths(paths, String.join("; ", unavailable));
    }

    /** Where resolvers get their caches from; in this process's memory where the kernel cannot help. */
    public CacheSource names() {
        return names;
    }

    /** How the kernel did in each check that redirection between sockets depends on; empty if it was not tested. */
    public List<Outcome> sockmapSelfTest() {
        return sockmapSelfTest;
    }

    /** Ends them: programs are detached, maps are given back. */
    @Override
    public void close() {
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
