package net.sniproxy.proxy.filter.xdp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.MapUse;
import net.sniproxy.bpf.map.PerCpuMap;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.kernel.Setting;
import net.sniproxy.kernel.TrafficCounter;
import net.sniproxy.kernel.XdpIpFilter;
import net.sniproxy.proxy.LoadedPrograms;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.EbpfConfig;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.filter.Cidr;
import net.sniproxy.proxy.filter.CidrSet;

/**
 * The source filter in the kernel ({@code xdp_ip_filter}): its interfaces, its lists, its scope.
 *
 * <p>Whatever is configured, it begins with the scope {@code ports}: only {@link #trial} widens it, for a time, until
 * {@link #confirm} makes that last. Thread-safe; changes of lists block for as long as the kernel takes to load them.
 */
public final class XdpFilter implements AutoCloseable {
    private static final int SECOND = 1_000_000_000;

    private final LoadedPrograms programs;
    private final LoadedObject shared;
    private final DeniedSources deniedSources;
    private final ListenTable listening;
    private final XdpInterfaces interfaces;
    private final DropLog dropLog;
    private final ScopeTrial trial = new ScopeTrial(this::applyScope);
    private final Offenders offenders;
    private EbpfConfig.Xdp config;
    /** What was changed by command, since the start or before it. */
    private FilterRules added;

    private boolean closed;

    private volatile FilterGeneration generation;

    private XdpFilter(LoadedPrograms programs, LoadedObject shared, EbpfConfig.Xdp config, FilterRules added) {
        this.programs = programs;
        this.shared = shared;
        this.config = config;
        this.added = added;
        this.deniedSources = new DeniedSources(shared, config.denyTtl(), this::judgeDeniedSources);
        this.offenders = new Offenders(System::nanoTime, deniedSources::deny);
        this.listening = new ListenTable(shared);
        this.interfaces = new XdpInterfaces(programs.kernel());
        this.generation = FilterGeneration.load(programs, shared, RuleTables.of(rules()));
        try {
            this.dropLog = new DropLog(programs.kernel(), shared.map("FILTER_SAMPLES"));
        } catch (RuntimeException e) {
            generation.close();
            throw e;
        }
    }

    /**
     * Attaches the filter. Until {@link #listen} tells what the proxy listens on, everything passes.
     *
     * @param programs stays the caller's and outlives this
     * @throws StartException if an interface does not exist or has another program, or what was added by command before cannot be
     *     read; nothing is left behind
     * @throws BpfException if the kernel or the privileges do not allow it; nothing is left behind
     */
    public static XdpFilter start(LoadedPrograms programs, EbpfConfig.Xdp config) throws StartException {
        FilterRules restored = AddedRules.restore(config.persistenceFile());
        LoadedObject shared = programs.load(XdpIpFilter.class);
        try {
            return start(new XdpFilter(programs, shared, config, restored));
        } catch (StartException | RuntimeException e) {
            programs.unload(shared);
            throw e;
        }
    }

    private static XdpFilter start(XdpFilter filter) throws StartException {
        try {
            filter.applySettings(filter.generation, filter.rules());
            filter.interfaces.attach(filter.generation.program(), filter.config.interfaces(), filter.config.mode());
            return filter;
        } catch (StartException | RuntimeException e) {
            filter.close();
            throw e;
        }
    }

    /** Judges what goes to these addresses from now on. */
    public synchronized void listen(List<InetSocketAddress> addresses) {
        listening.change(addresses);
    }

    /** Peers that speak for many clients are never denied for what comes through them. */
    public void trust(List<Cidr> peers) {
        offenders.trust(CidrSet.of(peers));
    }

    /** Takes over lists, rates and times of a configuration; interfaces and mode need a restart. */
    public synchronized void reload(Config next) {
        trust(next.acceptProxy());
        EbpfConfig.Xdp xdp = next.ebpf().xdp();
        if (xdp.equals(config)) {
            return;
        }
        EbpfConfig.Xdp before = config;
        config = xdp;
        deniedSources.time(xdp.denyTtl());
        try {
            replaceGeneration();
        } catch (RuntimeException e) {
            config = before;
            throw e;
        }
        if (xdp.scope() != EbpfConfig.Scope.INTERFACE) {
            trial.end();
        }
    }

    /** Lets sources in, whatever denies them. If the allow list was empty, they are the only ones from now on. */
    public void allow(List<Cidr> blocks) {
        change(rules -> rules.withAllowed(blocks));
    }

    /** Takes sources that were added by {@link #allow} from the list again; what the configuration allows stays. */
    public synchronized Removal removeAllowed(List<Cidr> blocks) {
        Set<Cidr> before = added.allow();
        change(rules -> rules.withoutAllowed(blocks));
        return Removal.of(blocks, before::contains, config.allow());
    }

    /**
     * Denies sources.
     *
     * @param ttl for how long; empty: until they are removed or the proxy stops
     */
    public void deny(List<Cidr> blocks, Optional<Duration> ttl) {
        long until = ttl.map(time -> System.nanoTime() + time.toNanos()).orElse(FilterMaps.FOR_GOOD);
        change(rules -> rules.withDenied(blocks, until));
    }

    /** Takes back {@link #deny}, and what the sources have brought upon themselves; what the configuration denies stays. */
    public synchronized Removal removeDenied(List<Cidr> blocks) {
        Set<Cidr> before = new HashSet<>(added.deny().keySet());
        before.addAll(deniedSources.remove(blocks));
        change(rules -> rules.withoutDenied(blocks));
        return Removal.of(blocks, before::contains, config.deny());
    }

    private synchronized void change(UnaryOperator<FilterRules> change) {
        FilterRules before = added;
        added = change.apply(added).at(System.nanoTime());
        try {
            replaceGeneration();
        } catch (RuntimeException e) {
            added = before;
            throw e;
        }
        AddedRules.keep(config.persistenceFile(), added);
    }

    /** Whether changes by command outlive the proxy. */
    public synchronized boolean keepsChanges() {
        return config.persistenceFile().isPresent();
    }

    private FilterRules rules() {
        return FilterRules.of(config.allow(), config.deny()).plus(added);
    }

    /** The step from one generation to the next is that of the links; the kernel keeps the old one while a CPU is in it. */
    private void replaceGeneration() {
        FilterRules rules = rules();
        FilterGeneration next = FilterGeneration.load(programs, shared, RuleTables.of(rules));
        try {
            applySettings(next, rules);
            interfaces.replace(next.program());
        } catch (RuntimeException e) {
            next.close();
            throw e;
        }
        FilterGeneration old = generation;
        generation = next;
        // A trial that has ended since then has narrowed the old one only.
        trial.reapply();
        old.close();
    }

    private void applySettings(FilterGeneration one, FilterRules rules) {
        one.set(Setting.ALLOW_LIST, rules.allow().isEmpty() ? 0 : 1);
        one.set(Setting.WHOLE_INTERFACE, trial.isWide() ? 1 : 0);
        one.set(Setting.DENIED_SOURCES, deniedSources.any() ? 1 : 0);
        one.set(
                Setting.SYN_INTERVAL,
                config.synRatePerSource().isPresent()
                        ? SECOND / config.synRatePerSource().getAsInt()
                        : 0);
        one.set(Setting.FILTER, 1);
    }

    // The trial's lock is always taken after this object's, so this must not take it: settings are single map updates.
    private void applyScope(boolean wide) {
        generation.set(Setting.WHOLE_INTERFACE, wide ? 1 : 0);
    }

    /**
     * Judges every packet of the interfaces from now on, until the time is over.
     *
     * @throws IllegalStateException if the configuration does not ask for the scope {@code interface}
     */
    public void trial(Duration time) {
        requireInterfaceScope();
        trial.begin(time);
    }

    /**
     * Makes the trial that runs last until the proxy stops.
     *
     * @throws IllegalStateException if none runs: it was never begun, or its time is over
     */
    public void confirm() {
        requireInterfaceScope();
        trial.confirm();
    }

    /** Judges only what goes to listen ports again, after {@link #trial} or {@link #confirm}. */
    public void revert() {
        trial.end();
    }

    private synchronized void requireInterfaceScope() {
        if (config.scope() != EbpfConfig.Scope.INTERFACE) {
            throw new IllegalStateException(
                    "ebpf.xdp.scope is ports, which is in force already; set it to interface to judge every packet");
        }
    }

    /** What finds sources that misbehave; to be told of every connection. */
    public ConnectionObserver offenders() {
        return offenders;
    }

    /** Comes from a thread of its own, so maybe behind {@link #close}. */
    synchronized void judgeDeniedSources() {
        if (!closed) {
            generation.set(Setting.DENIED_SOURCES, 1);
        }
    }

    /** What the kernel would do with a new connection of a source, now. */
    public synchronized SourceVerdict explain(InetAddress source) {
        return SourceVerdict.of(source, rules(), deniedSources.left(source), System.nanoTime());
    }

    /** What it does, and what it has done. */
    public synchronized FilterStatus status() {
        FilterRules rules = rules().at(System.nanoTime());
        PerCpuMap<Integer, Long> counters = PerCpuMap.of(shared.map("TRAFFIC_STATS"), Codec.u32(), Codec.u64());
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, sum(counters, reason.counter()));
        }
        return new FilterStatus(
                interfaces.modes(),
                config.scope(),
                trial.state().text(),
                rules.allow(),
                rules.deny(),
                config.synRatePerSource(),
                sum(counters, TrafficCounter.FILTER_PASSED),
                dropped);
    }

    private static long sum(PerCpuMap<Integer, Long> counters, int index) {
        return counters.lookup(index).orElse(List.of()).stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** How full its lists are. */
    public List<MapUse> lists() {
        return generation.lists();
    }

    /** Detaches it everywhere and gives back the lists. */
    @Override
    public void close() {
        trial.close();
        synchronized (this) {
            closed = true;
            interfaces.close();
            generation.close();
        }
        dropLog.close();
    }
}
