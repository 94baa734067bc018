package net.sniproxy.proxy.server;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.DnsConfig;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.dns.CacheSource;
import net.sniproxy.proxy.dns.Resolver;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.ConnectionSurvey;
import net.sniproxy.proxy.event.Ending;
import net.sniproxy.proxy.filter.AccessControl;
import net.sniproxy.proxy.filter.AccessLimits;
import net.sniproxy.proxy.filter.CidrSet;
import net.sniproxy.proxy.transport.Transport;
import net.sniproxy.proxy.upstream.AddressPolicy;
import net.sniproxy.proxy.upstream.UpstreamSockets;
import net.sniproxy.proxy.upstream.Upstreams;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loops, what they share, and the life of the whole. Thread-safe; no method may be called on an event loop. */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final long INTERFACES_REFRESH_SECONDS = 10;
    private static final Duration LONGEST_SHUTDOWN = Duration.ofSeconds(5);

    private final Transport transport;
    private final Supplier<DataPaths> dataPaths;
    private final CacheSource caches;
    private final List<ConnectionObserver> observers;
    private final MultiThreadIoEventLoopGroup loops;
    private final List<Worker> workers = new ArrayList<>();
    private final Listeners listeners;
    private final SelfAddresses self = new SelfAddresses();
    private final AccessControl access;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile RunningConfig running;
    private volatile boolean draining;
    private boolean closed;
    private @Nullable Future<?> refresh;

    /** Starts the event loops; listens on nothing yet. */
    public Server(
            Transport transport,
            Config config,
            Supplier<DataPaths> dataPaths,
            CacheSource caches,
            List<ConnectionObserver> observers) {
        this.transport = transport;
        this.dataPaths = dataPaths;
        this.caches = caches;
        this.observers = List.copyOf(observers);
        this.access = new AccessControl(limits(config), System::nanoTime);
        this.running =
                RunningConfig.of(config, new Upstreams(transport, config.socks5(), policy(config), upstreamSockets()));
        this.loops = new MultiThreadIoEventLoopGroup(
                Runtime.getRuntime().availableProcessors(),
                new DefaultThreadFactory("sni-proxy-loop"),
                transport.ioHandlers());
        Resolver.Caches names = caches.caches(config.dns());
        for (EventExecutor loop : loops) {
            var resolver = new Resolver((EventLoop) loop, transport, config.dns(), names);
            var worker = new Worker((EventLoop) loop, this, resolver);
            workers.add(worker);
            worker.loop().execute(worker::keepDeadlines);
        }
        this.listeners = new Listeners(transport, workers);
    }

    /**
     * Begins to listen.
     *
     * @throws StartException if an address cannot be bound; the caller closes the server
     */
    public synchronized void listen() throws StartException {
        if (!transport.limitation().isEmpty()) {
            LOG.warn("slower than it could be: {}", transport.limitation());
        }
        self.refresh();
        refresh = GlobalEventExecutor.INSTANCE.scheduleWithFixedDelay(
                self::refresh, INTERFACES_REFRESH_SECONDS, INTERFACES_REFRESH_SECONDS, TimeUnit.SECONDS);
        listenAsIn(running.config());
    }

    private void listenAsIn(Config config) throws StartException {
        listeners.change(config.listenAddr(), config.timeouts().unacknowledged());
        self.listening(listeners.addresses());
        dataPaths.get().listening(listeners.addresses());
    }

    /** The bound addresses in the order of the configuration. */
    public synchronized List<InetSocketAddress> addresses() {
        return listeners.addresses();
    }

    /** How many connections are open. */
    public int connections() {
        return open.get();
    }

    /** Done when every event loop has answered; fails where one has ended. */
    public CompletableFuture<Void> heartbeat() {
        try {
            return CompletableFuture.allOf(workers.stream()
                    .map(worker -> CompletableFuture.runAsync(() -> {}, worker.loop()))
                    .toArray(CompletableFuture[]::new));
        } catch (RejectedExecutionException ended) {
            return CompletableFuture.failedFuture(ended);
        }
    }

    /**
     * Goes on with another configuration.
     *
     * @throws StartException if a new address cannot be bound; then nothing has changed
     */
    public synchronized void reload(Config config) throws StartException {
        if (draining) {
            return;
        }
        DnsConfig dnsBefore = running.config().dns();
        listenAsIn(config);
        access.limits(limits(config));
        RunningConfig next = RunningConfig.of(config, running.upstreams().next(config.socks5(), policy(config)));
        running = next;
        if (dnsBefore.equals(config.dns())) {
            onEachLoop(worker -> worker.reloaded(next, null));
        } else {
            Resolver.Caches names = caches.caches(config.dns());
            onEachLoop(worker -> worker.reloaded(next, new Resolver(worker.loop(), transport, config.dns(), names)));
        }
    }

    /** Goes on with connections that another process left to the kernel; those whose route has changed end. */
    public synchronized void adopt(List<AdoptableConnection> left) {
        if (draining) {
            return;
        }
        for (int i = 0; i < left.size(); i++) {
            AdoptableConnection connection = left.get(i);
            Worker worker = workers.get(i % workers.size());
            worker.loop().execute(() -> worker.adopt(connection));
        }
        if (!left.isEmpty()) {
            LOG.info("adopted {} connections that an earlier process left to the kernel", left.size());
        }
    }

    /** Shows every open connection, without stopping any: none once the server is closed. */
    public void survey(ConnectionSurvey survey) {
        dataPaths.get().readCounts();
        try {
            onEachLoop(worker -> survey.look(worker.open()));
        } catch (RejectedExecutionException stopped) {
            LOG.debug("nothing is open any more", stopped);
        }
    }

    /** Stops accepting; resets what is left after {@code timeouts.drain}. Done when nothing is open. */
    public CompletableFuture<Void> drain() {
        synchronized (this) {
            if (!draining) {
                draining = true;
                listeners.close();
                workers.forEach(worker -> worker.loop().execute(worker::releaseDetached));
                Duration patience = running.config().timeouts().drain();
                loops.schedule(
                        () -> workers.forEach(worker -> worker.loop().execute(() -> worker.abortAll(Ending.DRAINED))),
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
            }
        }
        completeIfDrained();
        return drained;
    }

    /** Resets what is open and stops the event loops. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            draining = true;
            listeners.close();
            if (refresh != null) {
                refresh.cancel(false);
            }
        }
        onEachLoop(Worker::stop);
        loops.shutdownGracefully(0, LONGEST_SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
        completeIfDrained();
    }

    private void onEachLoop(Consumer<Worker> action) {
        workers.stream()
                .map(worker -> worker.loop().submit(() -> action.accept(worker)))
                .toList()
                .forEach(done -> done.syncUninterruptibly());
    }

    private void completeIfDrained() {
        if (draining && open.get() == 0) {
            drained.complete(null);
        }
    }

    private AddressPolicy policy(Config config) {
        return new AddressPolicy(config.denyPrivateUpstreams(), self);
    }

    private static AccessLimits limits(Config config) {
        var limits = config.limits();
        return new AccessLimits(
                CidrSet.of(config.ipWhitelist()),
                limits.connections(),
                limits.connectionsPerIp(),
                limits.connectionsPerSecondPerIp());
    }

    Transport transport() {
        return transport;
    }

    RunningConfig running() {
        return running;
    }

    AccessControl access() {
        return access;
    }

    /** Those that are in use now. */
    DataPaths dataPaths() {
        return dataPaths.get();
    }

    private UpstreamSockets upstreamSockets() {
        return new UpstreamSockets() {
            @Override
            public Optional<InetSocketAddress> source(InetSocketAddress upstream) throws BindException {
                return dataPaths.get().source(upstream);
            }

            @Override
            public void connecting(Channel upstream) {
                dataPaths.get().connecting(upstream);
            }
        };
    }

    List<ConnectionObserver> observers() {
        return observers;
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
        completeIfDrained();
    }
}
