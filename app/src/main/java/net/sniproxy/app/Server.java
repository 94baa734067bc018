package net.sniproxy.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import net.sniproxy.app.Signals.Signal;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.KernelPaths;
import net.sniproxy.proxy.SniProxy;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.admin.AdminCommand;
import net.sniproxy.proxy.admin.AdminException;
import net.sniproxy.proxy.admin.AdminServer;
import net.sniproxy.proxy.admin.ExplainRequest;
import net.sniproxy.proxy.admin.FilterRequests;
import net.sniproxy.proxy.admin.TopRequest;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.filter.xdp.XdpFilter;
import net.sniproxy.proxy.logging.Logging;
import net.sniproxy.proxy.stats.RelayedCounters;
import net.sniproxy.proxy.stats.Statistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy as a process: logs as configured, reloads on SIGHUP, and drains on SIGTERM, SIGINT and SIGQUIT; a second of
 * those ends it at once. Signals are handled one after the other on the thread that called {@link #run}.
 */
final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final List<Signal> STOP_SIGNALS = List.of(Signal.TERM, Signal.INT, Signal.QUIT);

    private final Path file;
    private final ConfigFiles files;
    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    private enum Order {
        RELOAD,
        STOP
    }

    /** What a reload changes. */
    private record Running(
            SniProxy proxy, Optional<XdpFilter> filter, AtomicReference<Config> inForce, ServiceManager manager) {
        void reload(Config config) throws StartException {
            proxy.reload(config);
            inForce.set(config);
            filter.ifPresent(one -> reload(one, config));
        }

        private void reload(XdpFilter source, Config config) {
            try {
                source.listen(proxy.addresses());
                source.reload(config);
            } catch (BpfException e) {
                LOG.error("the lists of the source filter stay as they were: {}", e.getMessage());
            }
        }
    }

    Server(Path file, ConfigFiles files) {
        this.file = file;
        this.files = files;
    }

    /** Runs until a signal ends it. */
    int run() {
        Config config = files.load(file);
        PrivilegeDrop.perform(Kernel.running(), config);
        LogFiles.use(config);
        LOG.info("configuration: {}", file.toAbsolutePath().normalize());
        // Before it can be seen that the proxy is there: a reload that comes early is done after the start, and ends
        // nothing.
        handleSignals();
        try (ServiceManager manager = ServiceManager.of(Kernel.running(), System.getenv())) {
            serve(config, manager);
            LOG.info("stopped");
        } finally {
            Logging.flushAndClose();
        }
        return ExitCode.OK;
    }

    private void serve(Config config, ServiceManager manager) {
        try (Statistics statistics = startStatistics(config);
                KernelPaths kernelPaths = startKernelPaths(config);
                RelayedCounters _ = kernelPaths.countRelayed(statistics.traffic());
                SniProxy proxy = startProxy(config, kernelPaths, statistics)) {
            kernelPaths.adoptable().thenAccept(proxy::adopt);
            Optional<XdpFilter> filter = kernelPaths.filter();
            filter.ifPresent(one -> one.listen(proxy.addresses()));
            statistics.traffic().watch(proxy::survey);
            statistics.watch(kernelPaths.figures());
            statistics.watch(kernelPaths.names().counters());
            statistics.selfTest(kernelPaths.sockmapSelfTest());
            statistics
                    .metricsAddress()
                    .ifPresent(address -> LOG.info("metrics at http://{}/metrics", Addresses.text(address)));
            Running running = new Running(proxy, filter, new AtomicReference<>(config), manager);
            Optional<AdminServer> admin = startAdmin(running, config, kernelPaths, statistics);
            manager.watch(proxy::heartbeat);
            // The last line of a start: whoever has waited for it finds everything in place.
            LOG.info("{} listens on {}", BuildInfo.describe(), Addresses.list(proxy.addresses()));
            manager.ready(status(proxy));
            try {
                obeyUntilStopped(running, config);
            } finally {
                admin.ifPresent(AdminServer::close);
            }
        }
    }

    private static Statistics startStatistics(Config config) {
        try {
            return Statistics.start(config);
        } catch (IOException e) {
            throw new CommandFailure(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    private static KernelPaths startKernelPaths(Config config) {
        try {
            return KernelPaths.start(config.ebpf());
        } catch (StartException e) {
            throw new CommandFailure(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    private static SniProxy startProxy(Config config, KernelPaths kernelPaths, Statistics statistics) {
        try {
            List<ConnectionObserver> observers = new ArrayList<>(List.of(statistics));
            kernelPaths.filter().ifPresent(filter -> {
                filter.trust(config.acceptProxy());
                observers.add(filter.offenders());
            });
            return SniProxy.start(config, kernelPaths::paths, kernelPaths.names(), observers);
        } catch (StartException e) {
            throw new CommandFailure(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    /** The proxy serves without it too: commands then cannot reach it. */
    private static Optional<AdminServer> startAdmin(
            Running running, Config config, KernelPaths kernelPaths, Statistics statistics) {
        Map<String, AdminCommand> commands = new HashMap<>(FilterRequests.of(running.filter()));
        commands.put(
                "explain",
                new ExplainRequest(running.inForce()::get, running.filter(), kernelPaths::paths, kernelPaths.names()));
        commands.put(
                "top",
                new TopRequest(
                        statistics.traffic(),
                        kernelPaths.figures(),
                        kernelPaths.names().counters()));
        try {
            AdminServer admin = AdminServer.start(config.adminSocket(), commands);
            LOG.debug("admin socket at {}", admin.path());
            return Optional.of(admin);
        } catch (AdminException e) {
            LOG.warn("commands cannot reach this proxy: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private void handleSignals() {
        Signals.handle(Signal.HUP, () -> orders.add(Order.RELOAD));
        for (Signal signal : STOP_SIGNALS) {
            Signals.handle(signal, () -> orders.add(Order.STOP));
        }
    }

    private void obeyUntilStopped(Running running, Config started) {
        Config current = started;
        while (true) {
            switch (next()) {
                case RELOAD -> current = reload(running, current);
                case STOP -> {
                    running.manager().stopping(current.timeouts().drain());
                    drain(running.proxy(), current);
                    return;
                }
            }
        }
    }

    private Order next() {
        try {
            return orders.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Order.STOP;
        }
    }

    /** What is in force afterwards: the file's content, or the old configuration where the file cannot be used. */
    private Config reload(Running running, Config old) {
        running.manager().reloading();
        try {
            Config config = files.load(file);
            running.reload(config);
            relog(config);
            if (RestartNeed.exists(old, config)) {
                LOG.warn(RestartNeed.WARNING);
            }
            LOG.info("reloaded {}", file);
            return config;
        } catch (CommandFailure | StartException e) {
            LOG.error("not reloaded, nothing changed: {}", e.getMessage());
            return old;
        } catch (RuntimeException e) {
            // Whatever it is, those who are connected have nothing to do with it.
            LOG.error("not reloaded", e);
            return old;
        } finally {
            running.manager().ready(status(running.proxy()));
        }
    }

    /** What the file says beside that is in force already. */
    private static void relog(Config config) {
        try {
            LogFiles.use(config);
        } catch (CommandFailure e) {
            LOG.error("the log goes on as before: {}", e.getMessage());
        }
    }

    private static String status(SniProxy proxy) {
        return "listens on " + Addresses.list(proxy.addresses());
    }

    private void drain(SniProxy proxy, Config config) {
        CompletableFuture<Void> drained = proxy.drain();
        int open = proxy.connections();
        if (open > 0) {
            LOG.info(
                    "{} connections are open; they have {} s to end (a second signal ends them now)",
                    open,
                    config.timeouts().drain().toSeconds());
        }
        drained.whenComplete((none, failure) -> orders.add(Order.STOP));
        // Either the drain's end or another signal; a reload makes no difference any more.
        while (next() == Order.RELOAD) {
            LOG.warn("not reloaded: stopping");
        }
    }
}
