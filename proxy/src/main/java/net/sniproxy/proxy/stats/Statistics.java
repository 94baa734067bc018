package net.sniproxy.proxy.stats;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import net.sniproxy.proxy.config.AccessLogConfig;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.config.MetricsConfig;
import net.sniproxy.proxy.config.Socks5Config;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;
import net.sniproxy.proxy.dns.CacheCounters;
import net.sniproxy.proxy.event.ConnectionEvent;
import net.sniproxy.proxy.event.ConnectionObserver;
import org.slf4j.LoggerFactory;

/**
 * The observers that a configuration asks for, as one. Its owner closes it after the proxy, so that the last connections
 * are counted; closing saves the tracking files.
 *
 * <p>Thread-safe.
 */
public final class Statistics implements ConnectionObserver, AutoCloseable {
    private static final Duration SAVE_INTERVAL = Duration.ofSeconds(5);

    private final TrafficLedger ledger = new TrafficLedger();
    private final List<ConnectionObserver> observers = new ArrayList<>(List.of(ledger));
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private Optional<InetSocketAddress> metricsAddress = Optional.empty();

    private Optional<Metrics> scraped = Optional.empty();

    private Statistics() {}

    /**
     * Starts them: restores the tracking files, listens on the metrics address.
     *
     * @throws IOException where a file cannot be read or the address not be listened on; nothing is left open
     */
    public static Statistics start(Config config) throws IOException {
        Statistics statistics = new Statistics();
        try {
            statistics.startAccessLog(config.accessLog());
            statistics.startMetrics(config.metrics());
            statistics.startTrackingOrExplain(config);
            return statistics;
        } catch (IOException | RuntimeException e) {
            statistics.close();
            throw e;
        }
    }

    private void startAccessLog(Optional<AccessLogConfig> config) {
        observers.add(new AccessLog(config.map(AccessLogConfig::format).orElse(AccessLogConfig.Format.TEXT)));
    }

    private void startMetrics(Optional<MetricsConfig> config) throws IOException {
        if (config.isEmpty()) {
            return;
        }
        Metrics metrics = new Metrics(ledger, config.get().top());
        resources.push(metrics);
        MetricsServer server = MetricsServer.start(config.get().addr(), metrics::scrape);
        resources.push(server);
        observers.add(metrics);
        scraped = Optional.of(metrics);
        metricsAddress = Optional.of(server.address());
    }

    private void startTrackingOrExplain(Config config) throws IOException {
        try {
            startTracking(config);
        } catch (IOException e) {
            throw new IOException(
                    "a tracking file cannot be read: " + e
                            + "; change ip_traffic_tracking.persistence_file or domain_ip_tracking.output_file, or the file",
                    e);
        }
    }

    private void startTracking(Config config) throws IOException {
        List<Saved> saved = new ArrayList<>();
        if (config.tracking().ipTraffic().enabled()) {
            IpTrafficTracker traffic = new IpTrafficTracker(config.tracking().ipTraffic(), ledger);
            traffic.restore();
            observers.add(traffic);
            saved.add(traffic);
        }
        if (config.tracking().domainIp().enabled()) {
            DomainIpTracker domains = new DomainIpTracker(
                    config.tracking().domainIp().outputFile(), socks5Server(config.socks5()), ledger);
            domains.restore();
            observers.add(domains);
            saved.add(domains);
        }
        if (!saved.isEmpty()) {
            resources.push(new PeriodicSaver(saved, SAVE_INTERVAL));
        }
    }

    private static Predicate<InetSocketAddress> socks5Server(Optional<Socks5Config> socks5) {
        return address -> socks5.map(Socks5Config::addr)
                .filter(server ->
                        server.port() == address.getPort() && server.host().equalsIgnoreCase(address.getHostString()))
                .isPresent();
    }

    /** Shows in the metrics, if they are served, how the running kernel did in its checks. */
    public void selfTest(List<Outcome> outcomes) {
        scraped.ifPresent(metrics -> metrics.selfTest(outcomes));
    }

    /** Where metrics are served, if they are. */
    public Optional<InetSocketAddress> metricsAddress() {
        return metricsAddress;
    }

    /** What all connections have moved. */
    public TrafficLedger traffic() {
        return ledger;
    }

    /** Adds what the kernel counts to the metrics, if they are served. */
    public void watch(KernelFigures figures) {
        scraped.ifPresent(metrics -> metrics.watch(figures));
    }

    /** Adds the caches of names to the metrics, if they are served. */
    public void watch(CacheCounters names) {
        scraped.ifPresent(metrics -> metrics.watch(names));
    }

    @Override
    public void on(ConnectionEvent event) {
        for (ConnectionObserver observer : observers) {
            observer.on(event);
        }
    }

    @Override
    public void close() {
        while (!resources.isEmpty()) {
            closeQuietly(resources.pop());
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LoggerFactory.getLogger(Statistics.class).warn("statistics were not closed cleanly", e);
        }
    }
}
