package net.sniproxy.proxy;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.datapath.AdoptableConnection;
import net.sniproxy.proxy.datapath.DataPaths;
import net.sniproxy.proxy.dns.CacheSource;
import net.sniproxy.proxy.event.ConnectionObserver;
import net.sniproxy.proxy.event.ConnectionSurvey;
import net.sniproxy.proxy.server.Server;
import net.sniproxy.proxy.transport.Transport;

/**
 * A running proxy.
 *
 * <pre>{@code
 * try (var proxy = SniProxy.start(config, DataPaths.relayOnly("ebpf.enabled is false"), List.of(accessLog))) {
 *     proxy.reload(otherConfig);
 *     proxy.drain().join();
 * }
 * }</pre>
 *
 * <p>Thread-safe. No method may be called on one of the proxy's event loops.
 */
public final class SniProxy implements AutoCloseable {
    private final Server server;

    private SniProxy(Server server) {
        this.server = server;
    }

    /**
     * Starts listening; when this returns, every listen address accepts.
     *
     * @param dataPaths asked for each connection: the paths that are in use then
     * @param observers told of every connection, in this order
     * @throws StartException if an address cannot be bound; nothing is left behind
     */
    public static SniProxy start(Config config, Supplier<DataPaths> dataPaths, List<ConnectionObserver> observers)
            throws StartException {
        return start(Transport.best(), config, dataPaths, observers);
    }

    /** As above, with caches of names from elsewhere than this process's memory. */
    public static SniProxy start(
            Config config, Supplier<DataPaths> dataPaths, CacheSource caches, List<ConnectionObserver> observers)
            throws StartException {
        return start(Transport.best(), config, dataPaths, caches, observers);
    }

    /** As above, with paths that remain. */
    public static SniProxy start(Config config, DataPaths dataPaths, List<ConnectionObserver> observers)
            throws StartException {
        return start(config, () -> dataPaths, observers);
    }

    /** As above, on sockets of a certain kind. */
    static SniProxy start(
            Transport transport, Config config, Supplier<DataPaths> dataPaths, List<ConnectionObserver> observers)
            throws StartException {
        CacheSource memory = CacheSource.inMemory(config.ebpf().dnsCache().maxEntries());
        return start(transport, config, dataPaths, memory, observers);
    }

    private static SniProxy start(
            Transport transport,
            Config config,
            Supplier<DataPaths> dataPaths,
            CacheSource caches,
            List<ConnectionObserver> observers)
            throws StartException {
        var server = new Server(transport, config, dataPaths, caches, observers);
        try {
            server.listen();
            return new SniProxy(server);
        } catch (StartException e) {
            server.close();
            throw e;
        }
    }

    /** The bound addresses in the order of {@code listen_addr}; where that says port 0, with the port it became. */
    public List<InetSocketAddress> addresses() {
        return server.addresses();
    }

    /** How many connections are open, from accept to the close of the last leg. */
    public int connections() {
        return server.connections();
    }

    /** Shows every open connection, with its bytes so far; none once this is closed. */
    public void survey(ConnectionSurvey survey) {
        server.survey(survey);
    }

    /** Done when every event loop has answered: a sign that connections are served. Fails where a loop has ended. */
    public CompletableFuture<Void> heartbeat() {
        return server.heartbeat();
    }

    /**
     * Goes on with another configuration. New connections are decided by it from the moment this returns; connections
     * whose route remains stay, those whose route changed or is gone are reset. Addresses that are no longer listed
     * are closed, new ones opened.
     *
     * @throws StartException if a new address cannot be bound; then nothing has changed
     */
    public void reload(Config config) throws StartException {
        server.reload(config);
    }

    /** Goes on with connections that another process left to the kernel. */
    public void adopt(List<AdoptableConnection> left) {
        server.adopt(left);
    }

    /**
     * Stops accepting and lets connections end by themselves for {@code timeouts.drain}; what is left then is reset.
     * Calling it again changes nothing.
     *
     * @return done when no connection is left
     */
    public CompletableFuture<Void> drain() {
        return server.drain();
    }

    /** Resets what is open, stops every thread and gives back every descriptor. Calling it again changes nothing. */
    @Override
    public void close() {
        server.close();
    }
}
